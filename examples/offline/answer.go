// SPDX-License-Identifier: Apache-2.0

package offline

import (
	"cmp"
	"math"
	"slices"
	"strings"
)

// DontKnow is the answer when no sentence fits the question.
const DontKnow = "I don't know: the documents do not say."

const (
	// leastCover is the share of the question that an answer must hold.
	leastCover = 0.25
	// leastShare is how much of the best sentence's score another one needs.
	leastShare = 0.6
	// maxSentences bounds answers and summaries.
	maxSentences = 2
	maxKeywords  = 5
)

// answer does what the prompt asks for.
func answer(prompt string) string {
	if i := strings.LastIndex(prompt, "Question:"); i >= 0 {
		question, _, _ := strings.Cut(prompt[i+len("Question:"):], "\n")
		_, context, _ := strings.Cut(prompt[:i], "\n\n") // The instruction is before it.
		return quote(sentences(context), question)
	}
	instruction, text, _ := strings.Cut(prompt, "\n")
	text = strings.TrimSuffix(text, "CONCISE SUMMARY:")
	switch {
	case strings.Contains(instruction, "sentiment"):
		return sentiment(text)
	case strings.Contains(instruction, "keywords"):
		return keywords(text)
	}
	return summarise(sentences(text))
}

// quote answers a question by the sentences that hold most of its words, the
// rarer the better.
func quote(list []string, question string) string {
	query, count := unique(terms(question)), map[string]int{}
	for _, s := range list {
		for _, t := range unique(terms(s)) {
			count[t]++
		}
	}
	weight := func(t string) float64 { return math.Log(1 + float64(len(list))/float64(1+count[t])) }
	total := 0.0
	for _, t := range query {
		total += weight(t)
	}
	scores := make([]float64, len(list))
	for i, s := range list {
		own := terms(s)
		for _, t := range query {
			if slices.Contains(own, t) {
				scores[i] += weight(t)
			}
		}
		if scores[i] < leastCover*total {
			scores[i] = 0
		}
		scores[i] /= math.Sqrt(float64(8 + len(own))) // Long sentences hold any word.
	}
	return cmp.Or(best(list, scores), DontKnow)
}

// summarise quotes the sentences whose words the text uses most.
func summarise(list []string) string {
	count := map[string]int{}
	for _, s := range list {
		for _, t := range unique(terms(s)) {
			count[t]++
		}
	}
	scores := make([]float64, len(list))
	for i, s := range list {
		own := unique(terms(s))
		for _, t := range own {
			scores[i] += float64(count[t])
		}
		scores[i] /= float64(4 + len(own)) // Without the 4, fragments would win.
	}
	return best(list, scores)
}

// best are the sentences with the highest scores, in the order of the text.
func best(list []string, scores []float64) string {
	order := make([]int, len(list))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(scores[b], scores[a]) })
	order = order[:min(len(order), maxSentences)]
	order = slices.DeleteFunc(order, func(i int) bool { return scores[i] <= 0 || scores[i] < leastShare*slices.Max(scores) })
	slices.Sort(order)
	picked := make([]string, len(order))
	for i, n := range order {
		picked[i] = list[n]
	}
	return strings.Join(picked, " ")
}

// keywords are the most frequent words, as they stand at their first place.
func keywords(text string) string {
	var order []string
	shown, count := map[string]string{}, map[string]int{}
	for _, w := range words(text) {
		t := stem(w)
		if stopWords[w] || len(w) < 4 {
			continue
		}
		if count[t]++; count[t] == 1 {
			order, shown[t] = append(order, t), w
		}
	}
	slices.SortStableFunc(order, func(a, b string) int { return cmp.Compare(count[b], count[a]) })
	for i, t := range order {
		order[i] = shown[t]
	}
	return strings.Join(order[:min(len(order), maxKeywords)], ", ")
}

var (
	good = set("good great excellent love amazing happy best nice helpful perfect easy fast reliable free رائع ممتاز سهل جيد طيب")
	bad  = set("bad terrible awful hate poor worst broken slow sad useless crash fail failure never damaged lost wrong سيئ معطل")
)

// sentiment counts words of two small lists.
func sentiment(text string) string {
	score := 0
	for _, t := range terms(text) {
		if good[t] {
			score++
		}
		if bad[t] {
			score--
		}
	}
	return []string{"negative", "neutral", "positive"}[1+cmp.Compare(score, 0)]
}
