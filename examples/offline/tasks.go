// SPDX-License-Identifier: Apache-2.0

package offline

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

const summaryUnits = 3

// summarise quotes the sentences whose words the text uses most.
func summarise(text string) string {
	units := distinct(split(text))
	freq := make(map[string]int)
	all := make([][]string, len(units))
	for i, u := range units {
		all[i] = terms(u.text)
		for _, t := range all[i] {
			freq[t]++
		}
	}
	scores := make([]float64, len(units))
	var order []int
	for i, u := range units {
		if u.kind == heading || u.kind == code || len(all[i]) == 0 {
			continue
		}
		sum := 0
		for _, t := range unique(all[i]) {
			sum += freq[t]
		}
		// Short fragments would win on the mean alone, hence the constant.
		scores[i] = float64(sum) / float64(len(all[i])+4)
		order = append(order, i)
	}
	if len(order) == 0 {
		return clip(unit{text: strings.TrimSpace(text)})
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(scores[b], scores[a]) })
	p := picker{units: units, taken: make(map[int]bool)}
	for _, i := range order {
		if len(p.taken) < summaryUnits {
			p.take(i)
		}
	}
	return p.text()
}

const keywordCount = 5

// keywords gives the most frequent words; fewer than five only if the text has
// no more. A word is shown as it stands at its first place, in lower case.
func keywords(text string) string {
	var order []string
	shown, freq := make(map[string]string), make(map[string]int)
	for _, u := range split(text) {
		for _, w := range words(u.text) {
			f := fold(w)
			if stopWords[f] || !strings.ContainsFunc(f, unicode.IsLetter) || len(f) < 3 || len(f) == utf8.RuneCountInString(f) && len(f) < 4 {
				continue
			}
			s := stem(f)
			if freq[s] == 0 {
				order, shown[s] = append(order, s), strings.ToLower(w)
			}
			freq[s]++
		}
	}
	slices.SortStableFunc(order, func(a, b string) int { return cmp.Compare(freq[b], freq[a]) })
	for i, s := range order {
		order[i] = shown[s]
	}
	return strings.Join(order[:min(len(order), keywordCount)], ", ")
}

var (
	goodWords = stemSet(`good great excellent love loves like amazing happy best better nice helpful wonderful fantastic
perfect easy fast recommend reliable pleased enjoy enjoyable impressive useful clear thank thanks awesome works brilliant
جيد جيده رائع رائعه ممتاز ممتازه جميل احب سعيد سهل سريع مفيد افضل شكرا`)
	badWords = stemSet(`bad terrible awful hate hates poor worst worse horrible broken slow sad angry disappointed
disappointing useless bug buggy crash crashes fail fails failed failure problem annoying confusing difficult error ugly
unreliable never waste lost wrong
سيء سييء سيئ سيئه رديء فظيع اكره حزين صعب بطيء مشكله خطا اسوا معطل`)
	negations = wordSet("not no never without isn't wasn't don't doesn't didn't can't cannot won't hardly لا ليس ليست لم لن غير")
)

// sentiment weighs words of a small list; a negation up to two words before
// turns a word around.
func sentiment(text string) string {
	score := 0
	var last [2]bool
	for _, w := range words(text) {
		f := fold(w)
		v := 0
		switch s := stem(f); {
		case goodWords[s]:
			v = 1
		case badWords[s]:
			v = -1
		}
		if last[0] || last[1] {
			v = -v
		}
		score += v
		last[0], last[1] = last[1], negations[f]
	}
	switch {
	case score > 0:
		return "positive"
	case score < 0:
		return "negative"
	}
	return "neutral"
}

func stemSet(list string) map[string]bool {
	set := make(map[string]bool)
	for w := range strings.FieldsSeq(list) {
		set[stem(fold(w))] = true
	}
	return set
}
