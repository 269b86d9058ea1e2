package report

import "golang.org/x/perf/benchfmt"

// A route is where the values of lines of one configuration, name and list of
// units belong. Projections work from the text of every line; of lines in
// hundreds of thousands most are alike, and each kind is projected once.
type route struct {
	config *config
	name   string
	units  []string
	cells  []*cellData // of each value; nil where a filter leaves it out
	next   *route      // of the line that came after one of these: series repeat
}

// routes finds the route of a line.
type routes struct {
	now  *config // of the latest line
	last *route
	all  map[string]*config // by its text
	buf  []byte
}

// A config is one set of configuration lines, the label of the file among them.
type config struct {
	list  []benchfmt.Config
	names map[string][]*route // by the name of a line: one a list of units
}

// find says whether a line's like was seen.
func (rs *routes) find(r *benchfmt.Result) (*route, bool) {
	if rs.last != nil && rs.last.next != nil && rs.last.next.same(r) && rs.last.next.config.same(r.Config) {
		rs.last = rs.last.next
		rs.now = rs.last.config
		return rs.last, true
	}
	if rs.now == nil || !rs.now.same(r.Config) {
		rs.turn(r.Config)
	}
	for _, x := range rs.now.names[string(r.Name)] {
		if x.same(r) {
			rs.follow(x)
			return x, true
		}
	}
	return nil, false
}

// follow makes a route the latest.
func (rs *routes) follow(x *route) {
	if rs.last != nil {
		rs.last.next = x
	}
	rs.last = x
}

// note makes a route that leads nowhere yet. find went before.
func (rs *routes) note(r *benchfmt.Result) *route {
	x := &route{config: rs.now, name: string(r.Name), units: make([]string, len(r.Values)), cells: make([]*cellData, len(r.Values))}
	for i, v := range r.Values {
		x.units[i] = v.Unit
	}
	rs.now.names[x.name] = append(rs.now.names[x.name], x)
	rs.follow(x)
	return x
}

// turn makes the configuration of a line the present one.
func (rs *routes) turn(list []benchfmt.Config) {
	rs.buf = rs.buf[:0]
	for _, c := range list {
		mark := byte(1)
		if c.File {
			mark = 2
		}
		rs.buf = append(append(append(append(rs.buf, c.Key...), 0), c.Value...), mark)
	}
	if rs.all == nil {
		rs.all = map[string]*config{}
	}
	c := rs.all[string(rs.buf)]
	if c == nil {
		c = &config{names: map[string][]*route{}}
		for _, x := range list {
			c.list = append(c.list, benchfmt.Config{Key: x.Key, Value: append([]byte(nil), x.Value...), File: x.File})
		}
		rs.all[string(rs.buf)] = c
	}
	rs.now = c
}

func (c *config) same(list []benchfmt.Config) bool {
	if len(c.list) != len(list) {
		return false
	}
	for i, x := range list {
		if y := c.list[i]; x.File != y.File || x.Key != y.Key || string(x.Value) != string(y.Value) {
			return false
		}
	}
	return true
}

// same holds all of a route but its configuration against a line.
func (x *route) same(r *benchfmt.Result) bool {
	if x.name != string(r.Name) || len(x.units) != len(r.Values) {
		return false
	}
	for i, v := range r.Values {
		if v.Unit != x.units[i] {
			return false
		}
	}
	return true
}
