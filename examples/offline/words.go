// SPDX-License-Identifier: Apache-2.0

package offline

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// words gives the words of s, unfolded and in order.
func words(s string) []string {
	var out []string
	for _, t := range tokens(s) {
		if t.word {
			out = append(out, s[t.start:t.end])
		}
	}
	return out
}

// terms gives the stems of the words that carry meaning, in order and with
// repetitions. Identifiers count whole and in parts, so that "sample ratio"
// finds SampleRatio and SAMPLE_RATIO.
func terms(s string) []string {
	var out []string
	for _, w := range words(s) {
		for _, p := range append([]string{w}, identParts(w)...) {
			if f := fold(p); f != "" && !stopWords[f] {
				out = append(out, stem(f))
			}
		}
	}
	return out
}

func identParts(w string) []string {
	var parts []string
	start, prev := 0, rune(0)
	for i, r := range w {
		switch {
		case r == '_':
			parts, start = append(parts, w[start:i]), i+1
		case unicode.IsUpper(r) && unicode.IsLower(prev):
			parts, start = append(parts, w[start:i]), i
		}
		prev = r
	}
	if start == 0 {
		return nil
	}
	return append(parts, w[start:])
}

var arabicFold = strings.NewReplacer("أ", "ا", "إ", "ا", "آ", "ا", "ٱ", "ا", "ى", "ي", "ة", "ه", "ـ", "", "’", "'", "\u200c", "", "\u200d", "")

// fold makes spellings of one word equal: case, Arabic vowel signs and letter
// variants. There is no Unicode normalisation: that would need a dependency.
func fold(w string) string {
	w = arabicFold.Replace(strings.ToLower(w))
	w = strings.Map(func(r rune) rune {
		if r >= 0x064B && r <= 0x065F || r == 0x0670 {
			return -1
		}
		return r
	}, w)
	return strings.TrimSuffix(w, "'s")
}

// stem expects a folded word. It is light on purpose: a false merge costs more
// in short texts than a missed one.
func stem(w string) string {
	if r, _ := utf8.DecodeRuneInString(w); unicode.Is(unicode.Arabic, r) {
		return stemArabic(w)
	}
	for _, r := range w {
		if r < 'a' || r > 'z' {
			return w
		}
	}
	return stemEnglish(w)
}

func stemArabic(w string) string {
	n := utf8.RuneCountInString(w)
	for _, p := range []string{"وال", "بال", "كال", "فال", "لل", "ال"} {
		if k := utf8.RuneCountInString(p); strings.HasPrefix(w, p) && n-k >= 3 {
			w, n = w[len(p):], n-k
			break
		}
	}
	for _, p := range []string{"ات", "ون", "ين", "ها", "ه"} {
		if k := utf8.RuneCountInString(p); strings.HasSuffix(w, p) && n-k >= 3 {
			return w[:len(w)-len(p)]
		}
	}
	return w
}

func stemEnglish(w string) string {
	if len(w) <= 3 {
		return w
	}
	cut := func(suffix string, least int) bool {
		if len(w)-len(suffix) < least || !strings.HasSuffix(w, suffix) {
			return false
		}
		w = w[:len(w)-len(suffix)]
		return true
	}
	switch {
	case cut("ies", 2):
		return w + "y"
	case strings.HasSuffix(w, "ss") || strings.HasSuffix(w, "us") || strings.HasSuffix(w, "is"):
	default:
		cut("s", 3)
	}
	switch {
	case cut("ied", 2):
		return w + "y"
	case cut("ation", 4), cut("ment", 4), cut("ly", 4):
	case (strings.HasSuffix(w, "tion") || strings.HasSuffix(w, "sion")) && cut("ion", 5):
	case hasVowel(w, 3) && cut("ing", 3), hasVowel(w, 2) && cut("ed", 3):
		if n := len(w); w[n-1] == w[n-2] && !strings.ContainsRune("lsz", rune(w[n-1])) {
			w = w[:n-1]
		}
	}
	for _, s := range []string{"sse", "xe", "che", "she"} {
		if strings.HasSuffix(w, s) {
			return w[:len(w)-1]
		}
	}
	cut("e", 3)
	return w
}

// hasVowel looks at w without its last n bytes: "string" keeps its "ing".
func hasVowel(w string, n int) bool {
	return len(w) > n && strings.ContainsAny(w[:len(w)-n], "aeiouy")
}

var stopWords = wordSet(`a about above after again all also am an and any are as at be because been before being
below between both but by can could did do does doing don't down during each few for from further get gets had has
have having he her here hers him his how i if in into is isn't it its itself just let me more most my no nor not of
off on once only or other our out over own please same she should so some such tell than that the their them then
there these they this those through to too under until up very was we were what when where which while who whom why
will with would you your
في من على الي عن ما ماذا هل هو هي هذا هذه ذلك تلك التي الذي كيف متي اين لماذا كم اي ان او ثم لا لم لن قد كان كانت مع كل
بعد قبل عند و يا انا انت نحن هم`)

func wordSet(list string) map[string]bool {
	set := make(map[string]bool)
	for w := range strings.FieldsSeq(list) {
		set[fold(w)] = true
	}
	return set
}
