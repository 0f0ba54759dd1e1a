// SPDX-License-Identifier: Apache-2.0

// Package names says what is the name of a secret, in keys and in texts.
package privacy

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"
)

// secretKind is what a name says of the value under it.
type secretKind uint8

const (
	// kindNone is for the name of something else.
	kindNone secretKind = iota
	// kindToken is a secret if it looks like one. A token may also be a word that a
	// model or a parser has read.
	kindToken
	// kindPIN is a secret if it is a few digits.
	kindPIN
	// kindKey is a key, a token or a header that opens a door.
	kindKey
	// kindPassword is a password, or a code that is as secret.
	kindPassword
)

// IsSecretName reports whether a value under this name is a key, a token or a
// password: "OPENAI_API_KEY", "x-api-key", "clientSecret", "DB_PASS", "пароль".
// The last word of the name decides: "max_tokens" and "pass_rate" are none.
func IsSecretName(name string) bool { return kindOf(name) >= kindKey }

// IsTokenName reports whether a value under this name is a token if it looks like
// one: "token", "next_page_token". Of headers and variables it always is.
func IsTokenName(name string) bool { return kindOf(name) == kindToken }

// NamedBy reports whether the string under this key may be the name of what
// stands beside it, as in {"name": "password", "value": "…"}. If that string is a
// secret's name, all other members of the object stand under it.
func NamedBy(key string) bool {
	if key == "" || len(key) > longestName || !namingLastBytes[key[len(key)-1]|0x20] {
		return false
	}
	p := plainNameOf(key)
	return namingWords[string(p.lastWord())]
}

// isTextToken reports whether a token with this word before it is one of a text.
func isTextToken(word string) bool { return textTokens[strings.ToLower(word)] }

// queryNames are names of secrets among the parameters of a URL that are too common
// elsewhere. In valueNames are names that say that the member before is the name.
var (
	queryNames = wordSet("key token sig signature auth jwt hash_key api-key x-amz-signature x-amz-credential x-amz-security-token x-goog-signature x-goog-credential sv_sig")
	valueNames = [...]string{"value", "default", "content"}
)

var namingWords = wordSet("name key field header param parameter variable var property prop attribute attr option setting argument arg column env flag label")

var namingLastBytes = func() (t [256]bool) {
	for w := range namingWords {
		t[w[len(w)-1]] = true
	}
	return t
}()

// Names of secrets in lower case, as they end, without what separates words.
var (
	passwordNames = strings.Fields("password passwd passphrase passcode passwort kennwort contrasena motdepasse " +
		"seedphrase recoveryphrase recoverycode backupcode пароль пароля паролем 密码 密碼 口令 كلمةالسر كلمةالمرور كلمةسر كلمةمرور الرقمالسري رمزالمرور رمزالدخول")
	keyNames = strings.Fields("apikey apitoken apisecret accesstoken authtoken refreshtoken bearertoken sessiontoken securitytoken " +
		"secret secretkey accesskey accesskeyid accountkey subscriptionkey privatekey signingkey masterkey encryptionkey decryptionkey " +
		"servicekey servicerolekey storagekey sharedkey consumerkey clientkey clientkeydata deploykey sshkey adminkey appkey authkey writekey " +
		"serverkey jwtkey hmackey sessionkey webhookkey ingestionkey licensekey honeycombteam authorization cookie cookies " +
		"csrftoken xsrftoken secrettoken usertoken servicetoken clienttoken deploytoken registrytoken bottoken admintoken jobtoken " +
		"personaltoken devicetoken logintoken resettoken jwttoken webhooktoken vaulttoken npmtoken githubtoken gitlabtoken slacktoken discordtoken telegramtoken " +
		"geheimnis apischlussel apischluessel geheimschlussel geheimerschlussel privaterschlussel zugangsschlussel zugriffsschlussel zugangstoken zugriffstoken " +
		"cleapi cledapi clesecrete cleprivee clesecret cledacces jetondacces jetonapi secreto claveapi clavedeapi clavesecreta claveprivada clavedeacceso tokendeacceso " +
		"секрет apiключ секретныйключ закрытыйключ приватныйключ ключapi токендоступа 密钥 密鑰 秘钥 金钥 金鑰 访问令牌 存取權杖 " +
		"مفتاحapi مفتاحالapi المفتاحالسري مفتاحسري المفتاحالخاص رمزالوصول السر")
	// Those of passwords and keys that end or begin other words, too.
	passwordWords = strings.Fields("pass pwd pw psw mdp clave cvv cvv2 cvc")
	keyWords      = strings.Fields("idtoken ghtoken hftoken psk jwtsecret")
	tokenWords    = strings.Fields("token bearer jwt auth schlussel schluessel jeton cle токен ключ 令牌 الرمز مفتاح المفتاح رمز")
	pinWords      = strings.Fields("pin otp totp pinnummer")

	// Words before "token" that make it one of a text or of a list.
	textTokens = wordSet("next prev previous last first stop eos bos pad unk sep cls mask max min special page continuation sync cursor per input output " +
		"new prompt completion total start end begin current image audio audio_bos cached reasoning each this that the a")
	// Whose "_KEY" is one that opens a door.
	services = wordSet("openai anthropic claude gemini google mistral cohere groq xai grok deepseek azure aws together replicate fireworks perplexity pinecone " +
		"weaviate qdrant serpapi tavily serper exa langsmith langfuse helicone wandb stripe twilio sendgrid mailgun datadog dd newrelic sentry honeycomb " +
		"github gitlab supabase firebase cloudflare huggingface hf voyage jina elevenlabs brave figma linear notion slack airtable")
	// What may follow the word that decides.
	nameTails = wordSet("value hash text plain plaintext old new confirm confirmation confirmed repeat again base64 b64 enc encrypted current " +
		"prod production staging dev test live")
)

// longestName is longer than any name that is looked at needs to be.
const longestName = 48

type nameEnding struct {
	text string
	kind secretKind
	word bool // must be a word of its own
}

// nameEndings are looked up by their last byte.
var nameEndings = func() (t [256][]nameEnding) {
	add := func(names []string, kind secretKind, word bool) {
		for _, n := range names {
			c := n[len(n)-1]
			t[c] = append(t[c], nameEnding{n, kind, word})
		}
	}
	add(passwordNames, kindPassword, false)
	add(passwordWords, kindPassword, true)
	add(keyNames, kindKey, false)
	add(keyWords, kindKey, true)
	add(tokenWords, kindToken, true)
	add(pinWords, kindPIN, true)
	return t
}()

const asciiForeignNames = 4

// foreignNames decide wherever they stand in a name: what qualifies them
// follows. Those in ASCII are the first.
var foreignNames = bytes.Fields([]byte("contrasena motdepasse passwort kennwort парол 密码 密碼 口令 كلمةالسر كلمةالمرور كلمةسر كلمةمرور"))

var pluralNames = bytes.Fields([]byte("secrets keys passwords"))

// lastThree spares most names a closer look: a bit for each three letters that
// a name of a secret may end with.
var lastThree = func() (t [1 << 9]uint64) {
	add := func(word string) {
		if n := len(word); n >= 3 {
			h := hashThree(word[n-3], word[n-2], word[n-1])
			t[h>>6] |= 1 << (h & 63)
		}
	}
	for _, endings := range nameEndings {
		for _, e := range endings {
			add(e.text)
		}
	}
	for word := range nameTails {
		add(word)
	}
	for _, word := range []string{"key", "token", "secrets", "keys", "passwords"} {
		add(word)
	}
	// What a pair looks at, too.
	for word := range queryNames {
		add(word)
	}
	for _, word := range valueNames {
		add(word)
	}
	return t
}()

func hashThree(a, b, c byte) uint { return (uint(a&31)<<10 | uint(b&31)<<5 | uint(c&31)) & (1<<15 - 1) }

// mayBeSecretName is false for most names that are none.
func mayBeSecretName(name string) bool {
	return mayEndSecretName(name) || mayBePhrase(name)
}

// mayEndSecretName judges the last letters of a text, before its last digits.
func mayEndSecretName(text string) bool {
	end := len(text)
	for end > 0 && isDigit(text[end-1]) {
		end--
	}
	letters := 0
	for letters < 3 && letters < end && isLetter(text[end-1-letters]) {
		letters++
	}
	switch letters {
	case 0:
		return end > 0 && (end == len(text) || isKeyByte(text[end-1]) || text[end-1] >= utf8.RuneSelf)
	case 1:
		return false
	case 2:
		return hasPrefixFold(text[end-2:], "pw") || end > 6 && (hasPrefixFold(text[end-6:], "key_id") || hasPrefixFold(text[end-6:], "key-id"))
	}
	h := hashThree(text[end-3], text[end-2], text[end-1])
	return lastThree[h>>6]>>(h&63)&1 == 1
}

// mayBePhrase reports whether a name has blanks or letters beyond ASCII.
func mayBePhrase(name string) bool {
	for i := range len(name) {
		if name[i] == ' ' || name[i] >= utf8.RuneSelf {
			return true
		}
	}
	return false
}

// kindOf returns what a name says. The last word of the name decides.
func kindOf(name string) secretKind {
	if !mayBeSecretName(name) || name == "PWD" || name == "OLDPWD" {
		return kindNone
	}
	p := plainNameOf(name)
	for range 3 {
		if kind := p.kind(); kind != kindNone {
			return kind
		}
		if !p.cutTail() {
			break
		}
	}
	if p.ascii && strings.IndexByte(name, ' ') < 0 {
		return kindNone
	}
	names := foreignNames
	if p.ascii {
		names = names[:asciiForeignNames]
	}
	for _, n := range names {
		if bytes.Contains(p.text(), n) {
			return kindPassword
		}
	}
	return kindNone
}

// plainName is the end of a name in lower case, without accents and what
// separates its words.
type plainName struct {
	buf    [longestName]byte
	from   int
	end    int
	begins uint64 // bit i: a word begins at buf[i]
	ascii  bool
	upper  bool // no small letter
}

func plainNameOf(name string) plainName {
	p := plainName{from: longestName, end: longestName, ascii: true, upper: true}
	looked(min(len(name), longestName))
	for i := len(name); i > 0; {
		c := name[i-1]
		if c >= utf8.RuneSelf {
			r, size := utf8.DecodeLastRuneInString(name[:i])
			i -= size
			p.ascii, p.upper = false, false
			if !p.prepend(r) {
				break
			}
			continue
		}
		i--
		if nameSeparators[c] {
			p.mark()
			continue
		}
		capital := 'A' <= c && c <= 'Z'
		if capital {
			c += 'a' - 'A'
		} else if 'a' <= c && c <= 'z' {
			p.upper = false
		}
		if p.from == 0 {
			break
		}
		p.from--
		p.buf[p.from] = c
		if i == 0 || capital && (!isUpper(name[i-1]) || i+1 < len(name) && isLower(name[i+1])) {
			p.mark()
		}
	}
	return p
}

var nameSeparators = [256]bool{'_': true, '-': true, '.': true, ' ': true, '/': true, ':': true, '[': true, ']': true, '\'': true, '"': true, '(': true, ')': true}

func (p *plainName) mark() {
	if p.from < longestName {
		p.begins |= 1 << p.from
	}
}

// prepend puts a letter that is not ASCII before what is there.
func (p *plainName) prepend(r rune) bool {
	if unicode.Is(unicode.Mn, r) || r == 'ـ' || showsNothing(r) {
		return true
	}
	var b [utf8.UTFMax]byte
	if r < 0x600 { // the scripts with capitals
		r = unicode.ToLower(r)
	}
	if r < 0x100 {
		if i := strings.IndexRune("ñéèêüöäáóíú", r); i >= 0 {
			r = rune("neeeuoaaoiu"[i/2])
		}
	}
	n := utf8.EncodeRune(b[:], r)
	if p.from < n {
		return false
	}
	p.from -= n
	copy(p.buf[p.from:], b[:n])
	return true
}

func (p *plainName) text() []byte { return p.buf[p.from:p.end] }

// kind judges by how the name ends.
func (p *plainName) kind() secretKind {
	text := p.text()
	if len(text) == 0 {
		return kindNone
	}
	found := kindNone
	for _, e := range nameEndings[text[len(text)-1]] {
		if e.kind <= found || len(e.text) > len(text) || string(text[len(text)-len(e.text):]) != e.text {
			continue
		}
		if at := p.end - len(e.text); !e.word || at == p.from || p.begins>>at&1 == 1 {
			found = e.kind
		}
	}
	if found <= kindToken {
		return max(found, p.lastOfTwo())
	}
	return found
}

// lastOfTwo judges GITHUB_TOKEN and openai_key, by the word before the last.
func (p *plainName) lastOfTwo() secretKind {
	last := string(p.lastWord())
	if last != "token" && last != "key" {
		return kindNone
	}
	before := *p
	before.end -= len(last)
	word := before.lastWord()
	switch {
	case len(word) == 0:
	case last == "key" && services[string(word)], last == "token" && (p.upper || services[string(word)]) && !textTokens[string(word)]:
		return kindKey
	}
	return kindNone
}

func (p *plainName) lastWord() []byte {
	at := p.end - 1
	for at > p.from && p.begins>>at&1 == 0 {
		at--
	}
	return p.buf[max(at, p.from):p.end]
}

// cutTail leaves out a last word, a plural or a number that does not decide.
func (p *plainName) cutTail() bool {
	end := p.end
	for end > p.from && '0' <= p.buf[end-1] && p.buf[end-1] <= '9' {
		end--
	}
	if end < p.end {
		p.end = end
		return true
	}
	if word := p.lastWord(); nameTails[string(word)] {
		p.end -= len(word)
		return true
	}
	for _, plural := range pluralNames {
		if bytes.HasSuffix(p.text(), plural) {
			p.end--
			return true
		}
	}
	return false
}

func placeholderOf(kind secretKind) string {
	if kind == kindKey || kind == kindToken {
		return redactedKey
	}
	return redactedSecret
}

// isPIN is for what a PIN or a code for one time is: four to eight digits.
func isPIN(s string) bool {
	return len(s) >= 4 && len(s) <= 8 && strings.Trim(s, "0123456789") == ""
}
