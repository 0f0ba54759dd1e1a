// SPDX-License-Identifier: Apache-2.0

package offline

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"unicode/utf8"
)

const (
	maxUnits = 4
	maxRunes = 600
	// leastCover is the part of the question's weight that the best unit must
	// cover. A lone common word must not pass for an answer.
	leastCover = 0.2
	// leastShare keeps only units that score close to the best one.
	leastShare = 0.55
)

// quote answers question from context, or gives "" if nothing in it fits.
func quote(context, question string) string {
	query := unique(terms(question))
	units := distinct(split(context))
	r := newRanker(units, query)
	order, scores := r.rank()
	if len(order) == 0 {
		return ""
	}
	p := picker{units: units, taken: make(map[int]bool)}
	best := scores[order[0]]
	for _, i := range order {
		if scores[i] < leastShare*best {
			break
		}
		p.take(i)
		p.follow(i, r)
	}
	return p.text()
}

type ranker struct {
	units []unit
	query []string
	terms [][]string
	idf   map[string]float64
	mean  float64
}

func newRanker(units []unit, query []string) *ranker {
	r := &ranker{units: units, query: query, idf: make(map[string]float64)}
	df := make(map[string]int)
	total := 0
	for _, u := range units {
		t := terms(u.text)
		r.terms = append(r.terms, t)
		total += len(t)
		for _, w := range unique(t) {
			df[w]++
		}
	}
	n := float64(len(units))
	r.mean = float64(max(total, 1)) / max(n, 1)
	for _, q := range query {
		d := float64(df[q])
		r.idf[q] = math.Log(1 + (n-d+0.5)/(d+0.5))
	}
	return r
}

// rank gives the units that fit, best first. Sums run over slices, never over
// maps: map order would change the last bits and with them ties.
func (r *ranker) rank() ([]int, []float64) {
	scores := make([]float64, len(r.units))
	var order []int
	weight := 0.0
	for _, q := range r.query {
		weight += r.idf[q]
	}
	for i, u := range r.units {
		own, above := r.terms[i], terms(u.under)
		covered, matched := 0.0, 0.0
		for _, q := range r.query {
			tf, title := float64(count(own, q)), slices.Contains(above, q)
			norm := 0.6 + 0.4*float64(len(own))/r.mean
			scores[i] += r.idf[q] * tf * 2.2 / (tf + 1.2*norm)
			if title && u.kind != heading {
				scores[i] += 0.25 * r.idf[q]
			}
			if tf > 0 || title {
				covered += r.idf[q]
			}
			if tf > 0 {
				matched += r.idf[q]
			}
		}
		scores[i] += 0.3 * r.pairs(own)
		// One short unit with one word must not come near a unit with all.
		scores[i] *= 0.4 + 0.6*matched/max(weight, 1e-9)
		switch u.kind {
		case heading:
			scores[i] *= 0.1
		case code:
			scores[i] *= 0.6
		}
		if scores[i] > 0 && covered >= leastCover*weight {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(scores[b], scores[a]) })
	return order, scores
}

// pairs rewards neighbours of the question that are neighbours in the unit too.
func (r *ranker) pairs(own []string) float64 {
	sum := 0.0
	for k := 1; k < len(r.query); k++ {
		for j := 1; j < len(own); j++ {
			if own[j-1] == r.query[k-1] && own[j] == r.query[k] {
				sum += r.idf[own[j-1]] + r.idf[own[j]]
				break
			}
		}
	}
	return sum
}

func (r *ranker) matches(i int) bool {
	return slices.ContainsFunc(r.query, func(q string) bool { return slices.Contains(r.terms[i], q) })
}

type picker struct {
	units []unit
	taken map[int]bool
	size  int
}

func (p *picker) take(i int) bool {
	n := utf8.RuneCountInString(p.units[i].text)
	if p.taken[i] || len(p.taken) >= maxUnits || len(p.taken) > 0 && p.size+n > maxRunes {
		return false
	}
	p.taken[i] = true
	p.size += n + 1
	return true
}

// follow adds what a chosen sentence introduces: the code block right after it,
// and after a colon the list as well.
func (p *picker) follow(i int, r *ranker) {
	u := p.units[i]
	colon := strings.HasSuffix(u.text, ":") || strings.HasSuffix(u.text, "：")
	if u.kind == heading || u.kind == code {
		return
	}
	for j := i + 1; j < len(p.units); j++ {
		switch next := p.units[j]; {
		case next.kind == code && (colon || r.matches(j)):
			p.take(j)
			return
		case next.kind == item && colon && p.take(j):
		default:
			return
		}
	}
}

func (p *picker) text() string {
	var b strings.Builder
	prev := sentence
	for i, u := range p.units {
		if !p.taken[i] {
			continue
		}
		if b.Len() > 0 {
			if prev == sentence && u.kind == sentence {
				b.WriteByte(' ')
			} else {
				b.WriteByte('\n')
			}
		}
		prev = u.kind
		if u.kind == item && len(p.taken) > 1 {
			b.WriteString("- ")
		}
		b.WriteString(clip(u))
	}
	return b.String()
}

// clip shortens the one unit that alone is longer than an answer may be.
func clip(u unit) string {
	if utf8.RuneCountInString(u.text) <= maxRunes {
		return u.text
	}
	s := string([]rune(u.text)[:maxRunes])
	if u.kind == code {
		s = s[:max(strings.LastIndexByte(s, '\n'), 0)]
		return s + "\n…\n" + u.text[strings.LastIndexByte(u.text, '\n')+1:]
	}
	if i := strings.LastIndexByte(s, ' '); i > 0 {
		s = s[:i]
	}
	return s + "…"
}

// distinct drops repetitions: chunks overlap, so a context holds some
// sentences twice.
func distinct(units []unit) []unit {
	seen := make(map[string]bool)
	return slices.DeleteFunc(units, func(u unit) bool {
		dup := seen[u.text]
		seen[u.text] = true
		return dup
	})
}

func unique(list []string) []string {
	var out []string
	seen := make(map[string]bool)
	for _, s := range list {
		if !seen[s] {
			seen[s] = true
			out = append(out, s)
		}
	}
	return out
}

func count(list []string, s string) int {
	n := 0
	for _, l := range list {
		if l == s {
			n++
		}
	}
	return n
}
