// SPDX-License-Identifier: Apache-2.0

package privacy

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// startsByTwo are what a look is worth at, by their first two bytes.
func startsByTwo() map[[2]byte][]start {
	m := map[[2]byte][]start{}
	add := func(prefix string, s start) {
		s.shape.prefix = prefix
		two := [2]byte{prefix[0], prefix[1]}
		m[two] = append(m[two], s)
	}
	addAll := func(word string, kind startKind) { // in small and capital letters
		_, first := utf8.DecodeRuneInString(word)
		title := strings.ToUpper(word[:first]) + word[first:]
		for _, w := range slices.Compact([]string{word, title, strings.ToUpper(word)}) {
			add(w, start{kind: kind})
		}
	}
	for _, k := range keyShapes() {
		add(k.prefix, start{kind: startKey, shape: k})
	}
	for p := range strings.FieldsSeq("bearer basic digest aws4-hmac") {
		addAll(p, startScheme)
	}
	add("eyJ", start{kind: startJWT})
	add("PuTTY-User-Key-File-", start{kind: startPuTTY})
	for _, w := range sentenceWords {
		addAll(w, startSentence)
	}
	return m
}

type startKind uint8

const (
	startKey startKind = iota
	startScheme
	startJWT
	startPuTTY
	startSentence
)

type start struct {
	kind  startKind
	shape keyShape
}

// startIndex is where in starts those that begin with two bytes are; none are at 0.
var starts, startIndex = func() (list [][]start, index [256]*[256]uint16) {
	list = append(list, nil)
	for two, s := range startsByTwo() {
		if index[two[0]] == nil {
			index[two[0]] = new([256]uint16)
		}
		index[two[0]][two[1]] = uint16(len(list))
		list = append(list, s)
	}
	return list, index
}()

// byteClass tells the bytes at which something may begin.
type byteClass uint8

const (
	classOther byteClass = iota
	classWord            // letters and digits: at the first of a word
	classWide            // not ASCII: anywhere
	classSign
)

var byteClasses = func() (t [256]byteClass) {
	for c := range t {
		switch {
		case strings.IndexByte(":=@-<", byte(c)) >= 0 && c > 0:
			t[c] = classSign
		case c >= 0x80:
			t[c] = classWide
		case isAlnum(byte(c)) || c == '_':
			t[c] = classWord
		}
	}
	return t
}()

// randomWindow is how far a look goes for what tells a key from words, so that a
// text of nothing but beginnings of keys takes no longer than another.
const randomWindow = 64

// secretSearch is the search for keys, tokens and passwords.
type secretSearch struct {
	text string
	done int // the end of what was replaced
	// What does not end, or is not there, before.
	noToken, noKey, noPEMEnd, noPuTTYEnd int
}

// secrets replaces keys, tokens and passwords.
func secrets(w *rewriter) {
	text := w.text
	s := secretSearch{text: text}
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch byteClasses[c] {
		case classOther:
			continue
		case classWord, classWide:
			if i+1 >= len(text) || startIndex[c] == nil || startIndex[c][text[i+1]] == 0 || c < 0x80 && wordBefore(text, i) {
				continue
			}
		}
		if from, to, by := s.at(i); to > from && from >= s.done {
			w.replace(from, to, by)
			s.done = to
			i = max(i, to-1)
		}
	}
	looked(len(text))
}

// at returns the stretch to replace that shows itself at i; to is 0 if there is
// none.
func (s *secretSearch) at(i int) (from, to int, by string) {
	text := s.text
	switch text[i] {
	case ':':
		if strings.HasPrefix(text[i:], "://") {
			return s.userinfo(i + 3)
		}
		if from, to = telegramToken(text, i); to > 0 {
			return from, to, redactedKey
		}
		return s.pair(i)
	case '=':
		return s.pair(i)
	case '@':
		return s.dataSource(i)
	case '<':
		return element(text, i)
	case '-':
		if to = s.privateKey(i); to > 0 {
			return i, to, redactedKey
		}
		return s.flag(i)
	}
	list := starts[startIndex[text[i]][text[i+1]]]
	for k := range list {
		if !strings.HasPrefix(text[i:], list[k].shape.prefix) {
			continue
		}
		if from, to, by = s.start(i, &list[k]); to > 0 {
			return from, to, by
		}
	}
	return 0, 0, ""
}

func (s *secretSearch) start(i int, st *start) (from, to int, by string) {
	text := s.text
	switch st.kind {
	case startKey:
		if i >= s.noKey || !st.shape.plain {
			if from, to = st.shape.find(text, i); to == 0 && st.shape.plain {
				s.noKey = nextRandom(text, i) - randomWindow
			}
		}
	case startScheme:
		from, to = i, schemeEnd(text, i)
	case startJWT:
		from, to = i, s.webToken(i)
	case startPuTTY:
		from, to = i, s.puttyKey(i)
	case startSentence:
		return s.sentence(i, i+len(st.shape.prefix))
	}
	return from, to, redactedKey
}
