// SPDX-License-Identifier: Apache-2.0

package privacy

import (
	"slices"
	"strings"
	"sync"
	"unicode/utf8"
)

// secretSearch is the search for keys, tokens and passwords in one text.
type secretSearch struct {
	text    string
	done    int // the end of what was found
	noToken int // no web token begins before
	noKey   int // no key begins before, but those with a host before them
}

var searches = sync.Pool{New: func() any { return new(secretSearch) }}

// start is how something may begin that find then looks at. find returns an empty
// stretch if it is no secret.
type start struct {
	prefix string
	find   func(s *secretSearch, i int) stretch
}

// starts are listed by their first two bytes. mayStart has a bit for each two.
var starts, mayStart = func() (m map[uint32][]start, may [1 << 10]uint64) {
	m = map[uint32][]start{}
	add := func(a, b byte, s start) {
		two := uint32(a)<<8 | uint32(b)
		m[two] = append(m[two], s)
		may[two>>6] |= 1 << (two & 63)
	}
	for _, k := range keyFormats() {
		add(k.prefix[0], k.prefix[1], start{k.prefix, k.find})
	}
	for _, s := range []start{
		{"://", (*secretSearch).userinfo},
		{":AA", (*secretSearch).telegramToken},
		{"@tcp(", (*secretSearch).dataSource},
		{"@unix(", (*secretSearch).dataSource},
		{"----", (*secretSearch).privateKey},
		{"PuTTY-User-Key-File-", (*secretSearch).puttyKey},
		{"eyJ", (*secretSearch).webToken},
	} {
		add(s.prefix[0], s.prefix[1], s)
	}
	addWords := func(words []string, find func(s *secretSearch, i int, word string) stretch) {
		for _, word := range words { // in small and capital letters
			_, first := utf8.DecodeRuneInString(word)
			for _, w := range slices.Compact([]string{word, strings.ToUpper(word[:first]) + word[first:], strings.ToUpper(word)}) {
				add(w[0], w[1], start{w, func(s *secretSearch, i int) stretch { return find(s, i, w) }})
			}
		}
	}
	addWords(schemes, (*secretSearch).scheme)
	addWords(sentenceWords, (*secretSearch).sentence)
	for b := range 256 {
		add(':', byte(b), start{":", (*secretSearch).pair})
		add('=', byte(b), start{"=", (*secretSearch).pair})
		add('-', byte(b), start{"-", (*secretSearch).flag})
		add('<', byte(b), start{"<", (*secretSearch).element})
	}
	return m, may
}()

var wordBytes = bytesOf("a-zA-Z0-9_")

// secrets finds keys, tokens and passwords.
func secrets(w *rewriter) {
	s, _ := searches.Get().(*secretSearch)
	text := w.text
	*s = secretSearch{text: text}
	defer func() {
		*s = secretSearch{}
		searches.Put(s)
	}()
	for i := 0; i+1 < len(text); i++ {
		two := uint32(text[i])<<8 | uint32(text[i+1])
		if mayStart[two>>6]>>(two&63)&1 == 0 || wordBytes[text[i]] && wordBefore(text, i) {
			continue
		}
		for _, st := range starts[two] {
			if !strings.HasPrefix(text[i:], st.prefix) {
				continue
			}
			if f := st.find(s, i); f.to > f.from {
				if f.from >= s.done {
					w.found = append(w.found, f)
					s.done = f.to
					i = max(i, f.to-1)
				}
				break
			}
		}
	}
	looked(len(text))
}
