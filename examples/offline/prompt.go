// SPDX-License-Identifier: Apache-2.0

package offline

import (
	"regexp"
	"strings"
)

// The patterns run on the prompt itself, not on a lower-cased copy: lower-casing
// can change the length of a text, and offsets would then be wrong.
var (
	reCue      = regexp.MustCompile(`(?s)(?:\A|\n)[ \t]*([^\n:]{1,40}):\s*\z`)
	reQuestion = regexp.MustCompile(`(?im)^[ \t]*(?:question|السؤال|سؤال)[ \t]*:[ \t]*`)
	reBar      = regexp.MustCompile(`(?m)^[ \t]*[=-]{3,}[ \t]*$`)
	rePreamble = regexp.MustCompile(`(?m)^Use the following (?:pieces of context|portion)[^\n]*\n(?:Return any relevant text[^\n]*\n)?`)
	reContext  = regexp.MustCompile(`(?im)^[ \t]*context[ \t]*:[ \t]*`)
	reBody     = regexp.MustCompile(`(?im)^[ \t]*(?:text|document|review|input|content|context)[ \t]*:[ \t]*`)
	reFollowUp = regexp.MustCompile(`(?m)^Follow Up Input:[ \t]*`)
	reRefine   = regexp.MustCompile(`(?s)The original question is as follows: (.*?)\nWe have provided an existing answer: (.*?)\nWe have the opportunity.*?\n-{6,}\n(.*)\n-{6,}`)
	reResume   = regexp.MustCompile(`(?s)existing summary up to a certain point: "(.*?)"\nWe have the opportunity.*?\n-{6,}\n(.*)\n-{6,}`)

	reSummary   = regexp.MustCompile(`(?i)\b(?:summar|tl;dr)|لخص|ملخص`)
	reSentiment = regexp.MustCompile(`(?i)\bsentiment|\bpositive,? (?:or )?negative|مشاعر`)
	reKeywords  = regexp.MustCompile(`(?i)\bkey-?[ ]?words?\b|\bkey terms\b|كلمات مفتاحية|الكلمات المفتاحية`)
)

// answer reads the template around the prompt, then does what it asks for.
func answer(messages []string) string {
	prompt := strings.TrimSpace(strings.Join(messages, "\n\n"))
	if m := reRefine.FindStringSubmatch(prompt); m != nil {
		if a := quote(m[2]+"\n\n"+m[3], m[1]); a != "" {
			return a
		}
		return m[2]
	}
	if m := reResume.FindStringSubmatch(prompt); m != nil {
		return summarise(m[1] + "\n\n" + m[2])
	}

	if loc := reCue.FindStringSubmatchIndex(prompt); loc != nil {
		rest, cue := prompt[:loc[0]], strings.ToLower(prompt[loc[2]:loc[3]])
		switch {
		case cue == "standalone question":
			return followUp(rest)
		case strings.HasSuffix(cue, "summary"), strings.HasSuffix(cue, "sentiment"), strings.HasSuffix(cue, "keywords"):
			return perform(cue, body(rest))
		case strings.HasSuffix(cue, "answer"), strings.HasPrefix(cue, "relevant text"), cue == "الإجابة", cue == "الجواب":
			return ask(rest)
		}
	}
	first, _, _ := strings.Cut(prompt, "\n")
	if isTask(first) {
		return perform(first, body(prompt))
	}
	if reQuestion.MatchString(prompt) {
		return ask(prompt)
	}
	head, last := cutLast(prompt, "\n")
	if isTask(last) && head != "" {
		return perform(last, head)
	}
	return ask(prompt)
}

func followUp(prompt string) string {
	if locs := reFollowUp.FindAllStringIndex(prompt, -1); locs != nil {
		return strings.TrimSpace(prompt[locs[len(locs)-1][1]:])
	}
	_, last := cutLast(prompt, "\n")
	return last
}

// ask takes the last "Question:" line for the question: the text before it may
// hold such lines of its own. Without one, the last paragraph is the question.
func ask(prompt string) string {
	var context, question string
	if locs := reQuestion.FindAllStringIndex(prompt, -1); locs != nil {
		loc := locs[len(locs)-1]
		if bar := reBar.FindStringIndex(prompt[locs[0][1]:]); bar != nil && locs[0][0] < 300 && strings.Contains(prompt[:locs[0][0]], "Given the following") {
			start := locs[0][1]
			question, context = prompt[start:start+bar[0]], reBar.ReplaceAllString(prompt[start+bar[1]:], "")
		} else {
			context, question = prompt[:loc[0]], prompt[loc[1]:]
		}
	} else {
		context, question = cutLast(prompt, "\n\n")
	}
	if loc := rePreamble.FindStringIndex(context); loc != nil {
		context = context[loc[1]:]
	} else if loc := reContext.FindStringIndex(context); loc != nil && loc[0] < 1000 {
		context = context[loc[1]:]
	}
	if a := quote(context, question); a != "" {
		return a
	}
	return DontKnow
}

func isTask(line string) bool {
	return reSummary.MatchString(line) || reSentiment.MatchString(line) || reKeywords.MatchString(line)
}

// perform does the task that the instruction names first: "summarise the
// sentiment of users" asks for a summary.
func perform(instruction, text string) string {
	type task struct {
		re *regexp.Regexp
		do func(string) string
	}
	best, do := len(instruction)+1, summarise
	for _, t := range []task{{reSummary, summarise}, {reSentiment, sentiment}, {reKeywords, keywords}} {
		if loc := t.re.FindStringIndex(instruction); loc != nil && loc[0] < best {
			best, do = loc[0], t.do
		}
	}
	return do(text)
}

// body cuts the instruction off the text it is about.
func body(prompt string) string {
	prompt = strings.TrimSpace(prompt)
	if loc := reBody.FindStringIndex(prompt); loc != nil && loc[0] < 1000 {
		return unquote(prompt[loc[1]:])
	}
	line, rest, _ := strings.Cut(prompt, "\n")
	if _, after, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(after) != "" && !labels(after) {
		return unquote(after + "\n" + rest)
	}
	if strings.TrimSpace(rest) != "" {
		return unquote(dropLabels(rest))
	}
	if s := sentences(line); len(s) > 1 && s[1] != "" {
		return strings.Join(s[1:], " ")
	}
	return line
}

// labels tells whether s lists the allowed answers; a text that is only judged
// must not be scored by them.
func labels(s string) bool {
	s = strings.ToLower(s)
	return strings.Contains(s, "positive") && strings.Contains(s, "negative") && strings.Contains(s, "neutral")
}

func dropLabels(s string) string {
	var keep []string
	for l := range strings.SplitSeq(s, "\n") {
		if !labels(l) {
			keep = append(keep, l)
		}
	}
	return strings.Join(keep, "\n")
}

func unquote(s string) string { return strings.Trim(strings.TrimSpace(s), "\"") }

func cutLast(s, sep string) (before, after string) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return strings.TrimSpace(s[:i]), strings.TrimSpace(s[i:])
	}
	return "", s
}
