// SPDX-License-Identifier: Apache-2.0

package privacy

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// keyShape is how a key of some service begins, and what follows.
type keyShape struct {
	prefix string
	min    int // bytes that follow, at least
	of     func(byte) bool
	// keep: the prefix says where the key is for and stays: the URL of a webhook.
	keep bool
	// strict: the prefix is a word elsewhere, so that what follows must have
	// digits and letters mixed.
	strict bool
	plain  bool // of is keyByte
}

var keyShapes = []struct {
	shape    keyShape
	prefixes string
}{
	{keyShape{min: 12, of: keyByte}, "sk- sk_ pk- pk_ rk- rk_ ls_ ls__ lsv2_ hf_ hf- gsk_ gsk- xai- xai_ xoxa- xoxb- xoxc- xoxd- xoxe- xoxo- xoxp- xoxr- xoxs- xapp- " +
		"tl- tl_ whsec_ pplx- csk- pcsk_ tvly- tgp_ nvapi- jina_ r8_ fw_ npm_ pypi- dop_v1_ doo_v1_ dor_v1_ shpat_ shpca_ shppa_ shpss_ ABSK GOCSPX- " +
		"sq0atp- sq0csp- sq0idp- NRAK- NRJS- NRII- NRRA- NRAA- NRSP- figd_ figo_ figu_ lin_api_ lin_oauth_ PMAK- PMAT- dckr_pat_ dckr_oat_ ntn_ sntrys_ sntryu_ glsa_ glc_ eyJrIjoi " +
		"hcaik_ hcbik_ hcamk_ HRKU- nfp_ vercel_blob_rw_ fo1_ fm1r_ fm2_ fm1a_ pscale_tkn_ pscale_pw_ pscale_oauth_ sbp_ sb_secret_ pnu_ pnb_ rubygems_ CLOJARS_ " +
		"xkeysib- xsmtpsib- EZAK EZTK FLWSECK_TEST- FLWSECK- fio-u- shippo_live_ shippo_test_ duffel_live_ duffel_test_ CFPAT- tfp_ rdme_ aio_ llx- bkua_ bkaj_ CCIPAT_ CCIPRJ_ " +
		"sqp_ squ_ sqa_ sgp_ waka_ xau_ zpka_ napi_ polar_ rpa_ apify_api_ bb_live_ e2b_ esecret_ flp_ phx_ phc_ ops_eyJ tskey- A3- crsr_ key_live_ rzp_live_ rzp_test_ " +
		"api_org_ AKCp cmVmdGtu oy2 ptsk_ pdl_live_ pdl_sdbx_ postman_ snyk_ hvs_ DSACC_ nrak- sm_aat_ sdk_live_ dkea ico- ghcr_ atlasv1_ AQVN y0_ m0- wandb_v1_ secret_live_ access-production- access-sandbox- access-development-"},
	{keyShape{min: 16, of: keyByte}, "ghp_ gho_ ghu_ ghs_ ghr_ ghp- gho- glpat- gldt- glrt- glcbt- glptt- glft- glimt- glagent- gloas- glsoat- glffct- glwt- " +
		"ATATT3x ATCTT3x ATBB tk-us- sdk- mob- ak- ak_ fc- LTAI AKID"},
	{keyShape{min: 20, of: keyByte}, "AIza github_pat_ dapi EAAC EAAG EAAH EAAJ EAAM EAAN EAAB IGQV BBFF- BSA"},
	{keyShape{min: 20, of: keyByte, strict: true}, "secret_ re_ pul- cio pa- as- key_ live_ test_ pk_live_ api- sub_"},
	{keyShape{min: 16, of: dottedByte}, "SG. pat MT Mj Mz ND NT Nj Nz OD OT sl. sl.u. sk.eyJ pk.eyJ dt0c01. dt0s01. dt0s02. dt0s16. t1. v1.0-"},
	{keyShape{min: 16, of: dottedByte}, "ya29. hvs. hvb. hvr. dp.pt. dp.st. dp.ct. dp.sa. dp.scim. dp.audit. FlyV1 xoxe.xoxp- xoxe.xoxb- 1//0 sha256~"},
	{keyShape{min: 16, of: upperByte}, "AKIA ASIA ABIA ACCA"},
	{keyShape{min: 32, of: upperByte}, "AGE-SECRET-KEY-1 AGE-SECRET-KEY-PQ-1 age-secret-key-1"},
	{keyShape{min: 32, of: isHex}, "SK key- pubkey-"},
	{keyShape{min: 40, of: base64Byte}, "LS0tLS1CRUdJTiBSU0EgUFJJVkFUR LS0tLS1CRUdJTiBQUklWQVRF LS0tLS1CRUdJTiBPUEVOU1NIIFBSSVZBVEUg LS0tLS1CRUdJTiBFQyBQUklWQVRF " +
		"LS0tLS1CRUdJTiBFTkNSWVBURUQgUFJJVkFUR LS0tLS1CRUdJTiBQR1AgUFJJVkFUR"},
	{keyShape{min: 8, of: pathByte, keep: true}, "hooks.slack.com/services/ hooks.slack.com/workflows/ hooks.slack.com/triggers/ discord.com/api/webhooks/ discordapp.com/api/webhooks/ " +
		"webhook.office.com/webhookb2/ webhook.office.com/webhook/ outlook.office.com/webhook/ hooks.zapier.com/hooks/catch/ maker.ifttt.com/trigger/ open.feishu.cn/open-apis/bot/v2/hook/ " +
		"open.larksuite.com/open-apis/bot/v2/hook/ hook.eu1.make.com/ hook.eu2.make.com/ hook.us1.make.com/ hook.integromat.com/ api.telegram.org/bot hooks.airtable.com/workflows/ " +
		"events.pagerduty.com/integration/ alert.victorops.com/integrations/generic/ chat.googleapis.com/v1/spaces/ api.opsgenie.com/v1/json/"},
}

// startsByTwo are what a look is worth at, by their first two bytes.
func startsByTwo() map[[2]byte][]start {
	m := map[[2]byte][]start{}
	add := func(prefix string, s start) {
		two := [2]byte{prefix[0], prefix[1]}
		m[two] = append(m[two], s)
	}
	for _, k := range keyShapes {
		for p := range strings.FieldsSeq(k.prefixes) {
			shape := k.shape
			shape.prefix, shape.plain = p, shape.of('_') && !shape.of('.')
			add(p, start{kind: startKey, shape: shape})
		}
	}
	for p := range strings.FieldsSeq("bearer basic digest aws4-hmac") {
		add(p, start{kind: startScheme})
		add(strings.ToUpper(p[:1])+p[1:], start{kind: startScheme})
		add(strings.ToUpper(p), start{kind: startScheme})
	}
	add("eyJ", start{kind: startJWT})
	add("PuTTY", start{kind: startPuTTY})
	for _, w := range sentenceWords {
		_, first := utf8.DecodeRuneInString(w)
		title := strings.ToUpper(w[:first]) + w[first:]
		for _, v := range slices.Compact([]string{w, title, strings.ToUpper(w)}) {
			add(v, start{kind: startSentence, shape: keyShape{prefix: v}})
		}
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
var starts, startIndex = func() (list [][]start, index [256]*[256]uint8) {
	list = append(list, nil)
	for two, s := range startsByTwo() {
		if index[two[0]] == nil {
			index[two[0]] = new([256]uint8)
		}
		index[two[0]][two[1]] = uint8(len(list))
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
		case asciiAlnum(byte(c)) || c == '_':
			t[c] = classWord
		}
	}
	return t
}()

// randomWindow is how far a look goes for what tells a key from words, so that a
// text of nothing but beginnings of keys takes no longer than another.
const randomWindow = 64

// secrets is the search for keys, tokens and passwords.
type secrets struct {
	*rewriter
	// What does not end, or is not there, before.
	noToken, noKey, noPEMEnd, noPuTTYEnd int
}

func (w *rewriter) secrets() {
	s := secrets{rewriter: w}
	text := w.text
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
		if from, to, by := s.at(i); to > from && from >= w.done {
			w.replace(from, to, by)
			i = max(i, to-1)
		}
	}
	looked(len(text))
}

// at returns the stretch to replace that shows itself at i; to is 0 if there is
// none.
func (s *secrets) at(i int) (from, to int, by string) {
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
		if from, to, by = s.start(i, &list[k]); to > 0 {
			return from, to, by
		}
	}
	return 0, 0, ""
}

func (s *secrets) start(i int, st *start) (from, to int, by string) {
	text := s.text
	switch st.kind {
	case startKey:
		if strings.HasPrefix(text[i:], st.shape.prefix) && (i >= s.noKey || !st.shape.plain) {
			if from, to = st.shape.find(text, i); to == 0 && st.shape.plain {
				s.noKey = nextRandom(text, i) - randomWindow
			}
		}
	case startScheme:
		from, to = i, schemeEnd(text, i)
	case startJWT:
		from, to = i, s.webToken(i)
	case startPuTTY:
		if strings.HasPrefix(text[i:], "PuTTY-User-Key-File-") {
			from, to = i, s.puttyKey(i)
		}
	case startSentence:
		if strings.HasPrefix(text[i:], st.shape.prefix) {
			return s.sentence(i, i+len(st.shape.prefix))
		}
	}
	return from, to, redactedKey
}

func keyByte(c byte) bool    { return c == '_' || c == '-' || asciiAlnum(c) }
func tokenByte(c byte) bool  { return keyByte(c) || strings.IndexByte(".~+/=", c) >= 0 }
func dottedByte(c byte) bool { return keyByte(c) || c == '.' }
func upperByte(c byte) bool  { return isDigit(c) || isUpper(c) }
func base64Byte(c byte) bool { return asciiAlnum(c) || c == '+' || c == '/' || c == '=' }
func isHex(c byte) bool      { return isDigit(c) || 'a' <= c|0x20 && c|0x20 <= 'f' }
func pathByte(c byte) bool   { return c > ' ' && strings.IndexByte("\"'`<>\\)]}|,;", c) < 0 }
func isBlank(c byte) bool    { return c == ' ' || c == '\t' }

// random tells a key from words joined by hyphens: it has a stretch that is
// longer than words are, or is long and has a digit in it.
func random(s string) bool {
	size, digit := 0, false
	for i := 0; i < len(s) && i < randomWindow; i++ {
		if !asciiAlnum(s[i]) {
			size, digit = 0, false
			continue
		}
		size++
		digit = digit || isDigit(s[i])
		if size >= 12 || size >= 8 && digit {
			return true
		}
	}
	return false
}

// nextRandom returns where the bytes of keys from i on end, or become random.
func nextRandom(text string, i int) int {
	size, digit, from := 0, false, i
	for ; i < len(text) && keyByte(text[i]); i++ {
		if !asciiAlnum(text[i]) {
			size, digit = 0, false
			continue
		}
		size++
		digit = digit || isDigit(text[i])
		if size >= 12 || size >= 8 && digit {
			looked(i - from)
			return i
		}
	}
	looked(i - from)
	return i + randomWindow
}

// mixed reports whether digits and letters come one after the other as they do
// not in words: several times in a stretch of 16 or more.
func mixed(s string) bool {
	size, changes := 0, 0
	for i := 0; i < len(s) && i < randomWindow; i++ {
		if !asciiAlnum(s[i]) {
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

func hasDigit(s string) bool {
	s = s[:min(len(s), randomWindow)]
	for i := range len(s) {
		if isDigit(s[i]) {
			return true
		}
	}
	return false
}

// find returns where the key that begins at i begins and ends.
func (k *keyShape) find(text string, i int) (from, to int) {
	rest := i + len(k.prefix)
	window := text[rest:min(len(text), rest+randomWindow)]
	head := window[:span(window, 0, k.of)]
	if len(head) < k.min || !random(head) && !strings.ContainsAny(head, "/") || k.strict && !mixed(head) {
		return 0, 0
	}
	switch k.prefix {
	case "ASIA", "AKIA", "LTAI", "AKID", "oy2", "dkea", "BSA", "AKCp", "AQVN", "EZAK", "EZTK":
		if !hasDigit(head) || strings.ContainsAny(head, "_-") {
			return 0, 0
		}
	case "SK":
		if len(head) != 32 {
			return 0, 0
		}
	case "pat":
		if len(head) < 60 || head[14] != '.' {
			return 0, 0
		}
	case "MT", "Mj", "Mz", "ND", "NT", "Nj", "Nz", "OD", "OT": // Discord
		if dot := strings.IndexByte(head, '.'); dot < 20 || dot > 28 || strings.IndexByte(head[dot+1:], '.') != 6 {
			return 0, 0
		}
	}
	end := span(text, rest, k.of)
	for end > rest+k.min && strings.IndexByte(".?!:", text[end-1]) >= 0 {
		end--
	}
	if k.keep {
		return rest, end
	}
	return i, end
}

// telegramToken finds "123456789:AA…" around the colon at i.
func telegramToken(text string, i int) (from, to int) {
	const secret = 35
	if i < 6 || !strings.HasPrefix(text[i+1:], "AA") {
		return 0, 0
	}
	from = i
	for from > 0 && i-from <= 12 && isDigit(text[from-1]) {
		from--
	}
	to = i + 1
	for to < len(text) && to-i <= secret+8 && keyByte(text[to]) {
		to++
	}
	looked(to - from)
	if i-from < 6 || to-i-1 < secret-3 {
		return 0, 0
	}
	return from, to
}

// webToken finds the end of a JSON Web Token: "eyJ…", and parts after dots.
func (s *secrets) webToken(i int) int {
	if i < s.noToken || !strings.HasPrefix(s.text[i:], "eyJ") {
		return 0
	}
	end, parts := i, 0
	for {
		next := span(s.text, end, keyByte)
		if next-end >= 6 {
			parts++
		}
		end = next
		if end+1 >= len(s.text) || s.text[end] != '.' || !keyByte(s.text[end+1]) && s.text[end+1] != '.' {
			break
		}
		end++
	}
	if parts < 2 {
		s.noToken = end
		return 0
	}
	return end
}
