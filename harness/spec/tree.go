package spec

import (
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// A node is YAML without its types: a scalar is its source text.
type node struct {
	kind  kind
	at    Pos
	text  string // of a scalar
	pairs []pair // of a mapping, in file order, keys unique
	items []node // of a list
}

// A pair is one key of a mapping.
type pair struct {
	key   Scalar
	value node
}

// A kind is the shape of a node.
type kind string

const (
	nothing kind = "nothing" // a key with no value
	scalar  kind = "a scalar"
	mapping kind = "a mapping"
	listing kind = "a list"
)

func (n node) scalar() Scalar { return Scalar{Text: n.text, Pos: n.at} }

// get is the value of a key.
func (n node) get(key string) (node, bool) {
	for _, p := range n.pairs {
		if p.key.Text == key {
			return p.value, true
		}
	}
	return node{}, false
}

// parse turns the text of a file into its top mapping. The second result is
// false where there is none; why has been noted.
func (p *problems) parse(file string, data []byte) (node, bool) {
	before := len(p.errs)
	text, ok := p.source(file, data)
	if !ok {
		return node{}, false
	}
	t := tree{problems: p, file: file}
	body, err := t.yaml(text)
	if err != nil {
		t.syntax(err)
		return node{}, false
	}
	top := Pos{File: file, Line: 1, Column: 1}
	if body == nil {
		return node{kind: nothing, at: top}, len(p.errs) == before
	}
	n := t.node(body, top)
	if n.kind != mapping && len(p.errs) == before {
		p.fail(n.at, "key: value", "the file is %s, not a mapping", n.kind)
	}
	return n, len(p.errs) == before
}

// tree converts the syntax tree of one file.
type tree struct {
	*problems
	file string
}

// yaml is the one document of a text, nil where it is empty.
func (t tree) yaml(text string) (body ast.Node, err error) {
	// The library is not ours and the text is not either: a panic on some
	// unforeseen text is an error of that text, not the end of the program.
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("the YAML reader failed: %v", r)
		}
	}()
	tokens := lexer.Tokenize(text)
	if err := bounded(tokens); err != nil {
		return nil, err
	}
	f, err := parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		return nil, err
	}
	for _, doc := range f.Docs {
		if doc.Body == nil {
			continue
		}
		if body != nil {
			return nil, refusal{first(doc.Body), "a second YAML document: an experiment is one"}
		}
		body = doc.Body
	}
	return body, nil
}

// first is the token that a node begins with: GetToken of a block mapping is its first colon.
func first(n ast.Node) *token.Token {
	if m, ok := n.(*ast.MappingNode); ok && !m.IsFlowStyle && len(m.Values) > 0 {
		return m.Values[0].Key.GetToken()
	}
	return n.GetToken()
}

// syntax notes an error of the YAML itself in our own shape.
func (t tree) syntax(err error) {
	at, msg := Pos{File: t.file, Line: 1, Column: 1}, err.Error()
	var where interface {
		GetToken() *token.Token
		GetMessage() string
	}
	if errors.As(err, &where) {
		at, msg = t.pos(where.GetToken(), at), where.GetMessage()
	}
	t.fail(at, "", "not YAML that is read here: %s", msg)
}

// node converts what is read here; near is the place to blame where the library has none.
func (t tree) node(n ast.Node, near Pos) node {
	if n == nil {
		return node{kind: nothing, at: near}
	}
	at := t.pos(first(n), near)
	switch n := n.(type) {
	case *ast.NullNode:
		if n.Token.Type == token.ImplicitNullType {
			return node{kind: nothing, at: near}
		}
		return node{kind: scalar, at: at, text: n.Token.Value}
	case *ast.StringNode, *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		return node{kind: scalar, at: at, text: n.GetToken().Value}
	case *ast.LiteralNode:
		return node{kind: scalar, at: at, text: n.Value.Value}
	case *ast.SequenceNode:
		l := node{kind: listing, at: at}
		for _, item := range n.Values {
			l.items = append(l.items, t.node(item, at))
		}
		return l
	case *ast.MappingNode:
		return t.mapping(n.Values, at)
	case *ast.MappingValueNode:
		return t.mapping([]*ast.MappingValueNode{n}, at)
	}
	t.fail(at, "plain keys, values, lists and mappings", "%s is not read here", n.Type())
	return node{kind: nothing, at: at}
}

// mapping converts pairs and refuses a key that stands twice.
func (t tree) mapping(values []*ast.MappingValueNode, at Pos) node {
	m := node{kind: mapping, at: at}
	seen := map[string]Pos{}
	for _, v := range values {
		key := t.node(v.Key, at)
		if key.kind != scalar {
			if key.kind != nothing {
				t.fail(key.at, "key: value", "a key is %s", key.kind)
			}
			continue
		}
		if first, twice := seen[key.text]; twice {
			t.fail(key.at, "", "key %q stands twice (first in line %d)", key.text, first.Line)
			continue
		}
		seen[key.text] = key.at
		m.pairs = append(m.pairs, pair{key.scalar(), t.node(v.Value, key.at)})
	}
	return m
}

// pos is the place of a token, held within its file: the library miscounts
// inside some block texts.
func (t tree) pos(tk *token.Token, near Pos) Pos {
	if tk == nil || tk.Position == nil {
		return near
	}
	lines := t.lines[t.file]
	at := Pos{File: t.file, Line: min(max(tk.Position.Line, 1), len(lines)), Column: max(tk.Position.Column, 1)}
	at.Column = min(at.Column, utf8.RuneCountInString(lines[at.Line-1])+1)
	return at
}
