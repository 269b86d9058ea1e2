package spec

import "github.com/goccy/go-yaml/token"

// What a file may hold before it is parsed. The YAML library recurses by
// nesting and is quadratic in the keys of a mapping, so that a small hostile
// file would cost gigabytes or minutes. No honest experiment comes near.
const (
	maxTokens = 30_000
	maxDepth  = 32
)

// A refusal is an error at a token, in the shape of the library's own.
type refusal struct {
	at  *token.Token
	msg string
}

func (r refusal) Error() string          { return r.msg }
func (r refusal) GetToken() *token.Token { return r.at }
func (r refusal) GetMessage() string     { return r.msg }

// unread are the parts of YAML that an experiment has no use for.
var unread = map[token.Type]string{
	token.AnchorType:     "anchors are not read (write the value out, use extends, or quote a value that begins with &)",
	token.AliasType:      "aliases are not read (write the value out, use extends, or quote a value that begins with *)",
	token.MergeKeyType:   "merge keys are not read (write the values out, or use extends)",
	token.TagType:        "tags are not read: a level is its text (quote a value that begins with !)",
	token.MappingKeyType: "keys with ? are not read (quote a key that begins with ?)",
	token.DirectiveType:  "directives are not read (quote a value that begins with %)",
}

// bounded says whether tokens are plain, few and flat enough to be parsed.
func bounded(tokens token.Tokens) error {
	if len(tokens) > maxTokens {
		return refusal{tokens[maxTokens], "the file is too long: it has over 30,000 words and marks"}
	}
	flow := 0
	var block []int // columns of the open block levels, outermost first
	for i, tk := range tokens {
		if why, ok := unread[tk.Type]; ok {
			return refusal{tk, why}
		}
		switch tk.Type {
		case token.SequenceStartType, token.MappingStartType:
			flow++
		case token.SequenceEndType, token.MappingEndType:
			flow = max(flow-1, 0)
		case token.SequenceEntryType:
			block = open(block, tk.Position.Column)
		case token.MappingValueType:
			if flow == 0 && i > 0 {
				block = open(block, tokens[i-1].Position.Column)
			}
		}
		if flow+len(block) > maxDepth {
			return refusal{tk, "the file is nested deeper than 32 levels"}
		}
	}
	return nil
}

// open closes the block levels right of a column and opens one there.
func open(block []int, column int) []int {
	for len(block) > 0 && block[len(block)-1] > column {
		block = block[:len(block)-1]
	}
	if len(block) == 0 || block[len(block)-1] < column {
		block = append(block, column)
	}
	return block
}
