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

// starts are listed by their first two bytes: startIndex says where, 0 if there
// are none.
var starts, startIndex = func() (lists [][]start, index [256]*[256]uint16) {
	lists = append(lists, nil)
	add := func(a, b byte, s start) {
		if index[a] == nil {
			index[a] = new([256]uint16)
		}
		if index[a][b] == 0 {
			index[a][b] = uint16(len(lists))
			lists = append(lists, nil)
		}
		lists[index[a][b]] = append(lists[index[a][b]], s)
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
	return lists, index
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
		row := startIndex[text[i]]
		if row == nil || row[text[i+1]] == 0 || wordBytes[text[i]] && wordBefore(text, i) {
			continue
		}
		for _, st := range starts[row[text[i+1]]] {
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
