// SPDX-License-Identifier: Apache-2.0

package privacy

import "strings"

// randomWindow is how far a look goes for what tells a key from words, so that a
// text of nothing but beginnings of keys takes no longer than another.
const randomWindow = 64

// random tells a key from words joined by hyphens: it has a stretch that is
// longer than words are, or is long and has a digit in it.
func random(s string) bool {
	end := min(len(s), randomWindow)
	return nextRandom(s, 0, end) < end
}

// nextRandom returns where text[i:end] becomes random, end if it does not.
func nextRandom(text string, i, end int) int {
	size, digit := 0, false
	for ; i < end; i++ {
		if !isAlnum(text[i]) {
			size, digit = 0, false
			continue
		}
		size++
		digit = digit || isDigit(text[i])
		if size >= 12 || size >= 8 && digit {
			break
		}
	}
	return i
}

// mixed reports whether digits and letters come one after the other as they do
// not in words: several times in a stretch of 16 or more.
func mixed(s string) bool {
	size, changes := 0, 0
	for i := 0; i < len(s) && i < randomWindow; i++ {
		if !isAlnum(s[i]) {
			size, changes = 0, 0
			continue
		}
		if size > 0 && isDigit(s[i]) != isDigit(s[i-1]) {
			changes++
		}
		if size++; size >= 16 && changes >= 4 {
			return true
		}
	}
	return false
}

func hasDigit(s string) bool { return hasDigits(upTo(s, randomWindow), 1) }

func allDigits(s string) bool { return digitBytes.span(s, 0) == len(s) }

func lettersAndDigits(s string) bool {
	for i := range len(s) {
		if isLetter(s[i]) {
			return hasDigit(s)
		}
	}
	return false
}

// interleaved reports whether letters follow a digit, or two digits letters, as
// in no numbered word.
func interleaved(s string) bool {
	digits := 0
	for i := range len(upTo(s, randomWindow)) {
		if isDigit(s[i]) {
			digits++
		} else if isLetter(s[i]) && digits > 0 {
			return i > 1
		}
	}
	return digits >= 2 && digits < len(s)
}

// isToken tells a token from a word, a number or the name of a model.
func isToken(s string) bool {
	return len(s) >= 16 && hasDigit(s) && random(s) && tokenBytes.span(s, 0) == len(s)
}

// isPIN is for what a PIN or a code for one time is: four to eight digits.
func isPIN(s string) bool { return len(s) >= 4 && len(s) <= 8 && allDigits(s) }

// likePassword tells a password from the words that follow the name of one:
// "required", "sha256", "must". It has a digit or a sign in it, and four bytes or
// more. One of nothing but letters looks like a word.
func likePassword(value string) bool {
	word := strings.TrimRight(upTo(value, randomWindow), ".,;:!?")
	return len(word) >= 4 && !isAlgorithm(strings.TrimLeft(word, "*&")) && (hasDigit(word) || strings.ContainsAny(word[1:], "!@#$%^&*?+~"))
}

var algorithms = wordSet("uint int float char varchar base sha md utf aes rsa oauth argon hs rs es http https bcrypt scrypt pbkdf ed gpt utc iso rfc id v ascii crc win x")

// isAlgorithm is for what is said of passwords and tokens: "base64", "sha-256",
// "utf-8 encoded".
func isAlgorithm(word string) bool {
	letters := letterBytes.span(word, 0)
	return letters > 1 && algorithms[strings.ToLower(word[:letters])]
}
