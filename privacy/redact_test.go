// SPDX-License-Identifier: Apache-2.0

package privacy

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"

	"github.com/spanloom/spanloom/privacy/internal/numbers"
)

func TestRedact(t *testing.T) {
	for group, tests := range map[string]map[string]string{
		"e-mail": {
			"mail bob.smith+x@mail.example.co.uk now": "mail [EMAIL] now",
			"بريد: سامي@مثال.شبكة":                    "بريد: [EMAIL]",
			"राम@उदाहरण.भारत":                         "[EMAIL]",
			"<o'brien@example.com>":                   "<[EMAIL]>",
			"'bob@example.com'":                       "'[EMAIL]'",
			"bob@example.com.":                        "[EMAIL].",
			"a@b.io,c@d.io":                           "[EMAIL],[EMAIL]",
			"?to=bob%40example.com&x=1":               "?to=[EMAIL]&x=1",
			`"line\nbob@example.com"`:                 `"line\n[EMAIL]"`,
		},
		"card": {
			"card 4111-1111-1111-1111":                                 "card [CREDIT_CARD]",
			"4111 1111 1111 1111 exp 12/27":                            "[CREDIT_CARD] exp 12/27",
			"pay 20 4111 1111 1111 1111 now":                           "pay 20 [CREDIT_CARD] now",
			"amex 3782 822463 10005":                                   "amex [CREDIT_CARD]",
			"diners 3056 930902 5904":                                  "diners [CREDIT_CARD]",
			"378282246310005":                                          "[CREDIT_CARD]",
			"6011111111111117, 3530111333300000":                       "[CREDIT_CARD], [CREDIT_CARD]",
			"5555555555554444;2223003122003222":                        "[CREDIT_CARD];[CREDIT_CARD]",
			"4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1":                          "[CREDIT_CARD]",
			"41 11 11 11 11 11 11 11":                                  "[CREDIT_CARD]",
			"بطاقة ٤١١١١١١١١١١١١١١١":                                   "بطاقة [CREDIT_CARD]",
			"کارت ۴۱۱۱ ۱۱۱۱ ۱۱۱۱ ۱۱۱۱":                                 "کارت [CREDIT_CARD]",
			"कार्ड ४१११-११११-११११-११११":                                "कार्ड [CREDIT_CARD]",
			"𝟒𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏":                                         "[CREDIT_CARD]",
			"card=4111%201111%201111%201111&x":                         "card=[CREDIT_CARD]&x",
			"4111\u00a01111\u00a01111\u00a01111!":                      "[CREDIT_CARD]!",
			"PAN4111111111111111":                                      "PAN[CREDIT_CARD]",
			"4111  1111  1111  1111":                                   "[CREDIT_CARD]",
			"4111\t1111\t1111\t1111":                                   "[CREDIT_CARD]",
			"4111/1111/1111/1111":                                      "[CREDIT_CARD]",
			"4111 / 1111 / 1111 / 1111":                                "[CREDIT_CARD]",
			"4111\n1111\n1111\n1111":                                   "[CREDIT_CARD]",
			"4111 1111\r\n1111 1111\n123":                              "[CREDIT_CARD]\n123",
			"4111-1111-\n1111-1111":                                    "[CREDIT_CARD]",
			"exp 2027\n4111 1111 1111 1111\n4111 1111 1111 1111\n2027": "exp 2027\n[CREDIT_CARD]\n[CREDIT_CARD]\n2027",
			"3782\n822463\n10005":                                      "[CREDIT_CARD]",
		},
		"phone": {
			"call +44 20 7946 0958":               "call [PHONE]",
			"call +44 (0)20 7946 0958, please":    "call [PHONE], please",
			"call (555) 123-4567":                 "call [PHONE]",
			"call (555)123-4567 ext. 12":          "call [PHONE] ext. 12",
			"call 5551234567":                     "call [PHONE]",
			"call 1-800-555-0199x12":              "call [PHONE]x12",
			"212.555.0123 or 212 555 0124":        "[PHONE] or [PHONE]",
			"+1 555 010 2345 20 times":            "[PHONE] 20 times",
			"5551234567 5551234568":               "[PHONE] [PHONE]",
			"5551234567/5551234568":               "[PHONE]/[PHONE]",
			"06 12 34 56 78":                      "[PHONE]",
			"030/1234567":                         "[PHONE]",
			"0171-1234567.":                       "[PHONE].",
			"tel.: 123 45 67":                     "tel.: [PHONE]",
			"Phone number: 555-1234":              "Phone number: [PHONE]",
			"8 (916) 123-45-67":                   "[PHONE]",
			"612 34 56 78":                        "[PHONE]",
			"138 1234 5678":                       "[PHONE]",
			"98765 43210":                         "[PHONE]",
			"0049 30 1234567":                     "[PHONE]",
			"whatsapp 966501234567":               "whatsapp [PHONE]",
			"966501234567":                        "[PHONE]",
			"+966 50 123 4567":                    "[PHONE]",
			"+49.3012345678":                      "[PHONE]", // as registries of domains write it
			"اتصل ٠١٠١٢٣٤٥٦٧٨":                    "اتصل [PHONE]",
			"اتصل على +٩٦٦ ٥٠ ١٢٣ ٤٥٦٧":           "اتصل على [PHONE]",
			"و٠١٠١٢٣٤٥٦٧٨":                        "و[PHONE]",
			"هاتف رقم ١٢٣٤٥٦٧":                    "هاتف رقم [PHONE]",
			"تماس ۰۹۱۲ ۳۴۵ ۶۷۸۹":                  "تماس [PHONE]",
			"\u200e+٩٦٦\u200e ٥٠١٢٣٤٥٦٧\u200f":    "\u200e[PHONE]\u200f",
			"फ़ोन +९१ ९८७६५ ४३२१०":                "फ़ोन [PHONE]",
			"＋８１ ９０ １２３４ ５６７８":                    "[PHONE]",
			"+1\u00a0(212)\u202f555\u20110123":    "[PHONE]",
			"?phone=%2B15550102345&q":             "?phone=[PHONE]&q",
			"q=call%20(212)%20555-0123":           "q=call%20[PHONE]",
			`"x\n2125550123"`:                     `"x\n[PHONE]"`,
			"ssn 123-45-6789":                     "ssn [PHONE]",
			"电话13812345678号":                      "电话[PHONE]号",
			"5551234567sk-aaaaaaaaaaaa":           "[PHONE][API_KEY]",
			"+12125550123 2026-01-12 +1212555012": "[PHONE] 2026-01-12 [PHONE]",
			// The digits that lead abroad are not the country's, and what follows a space
			// is the number's as far as numbers of the country go.
			"0044 20 7946 0958":                  "[PHONE]",
			"00 49 170 1234567":                  "[PHONE]",
			"00 971 50 123 4567":                 "[PHONE]",
			"00-971-50-123-4567":                 "[PHONE]",
			"call 00 966 50 123 4567":            "call [PHONE]",
			"٠٠٩٦٦ ٥٠ ١٢٣ ٤٥٦٧":                  "[PHONE]",
			"001 212 555 0123 20 times":          "[PHONE] 20 times",
			"0011 61 2 9374 4000":                "[PHONE]",
			"011 44 20 7946 0958":                "[PHONE]",
			"011-44-20-7946-0958":                "[PHONE]",
			"01144 20 7946 0958 or so":           "[PHONE] or so",
			"011442079460958":                    "[PHONE]",
			"phone 011 62 812 3456 78901":        "phone [PHONE]",
			"011 2345 6789 20 times":             "[PHONE] 20 times", // in Delhi
			"011 123 4567":                       "[PHONE]",          // in Johannesburg
			"+62 812 3456 78901":                 "[PHONE]",
			"+43 664 1234567890 x":               "[PHONE] x",
			"+44 20 7946 0958 2026":              "[PHONE] 2026",
			"+44 (0) 20 7946 0958 100 times":     "[PHONE] 100 times",
			"+44 020 7946 0958 100 times":        "[PHONE] 100 times",
			"+966 50 123 4567 +966 50 123 4568":  "[PHONE] [PHONE]",
			"+1\t555\t123\t4567\t20":             "[PHONE]\t20",
			"+44\n20\n7946\n0958":                "[PHONE]",
			"+44 20 7946 0958\n20 7946":          "[PHONE]\n20 7946",
			"+49 30 123456\n1234":                "[PHONE]\n1234",
			"5551234567\n5551234568\r\n\t555123": "[PHONE]\n[PHONE]\r\n\t555123",
			"phone\t1234567":                     "phone\t[PHONE]",
			"(\n5551234567":                      "(\n[PHONE]",
		},
		"IBAN": {
			"DE89370400440532013000":                       "[IBAN]",
			"to DE89 3704 0044 0532 0130 00 by Friday":     "to [IBAN] by Friday",
			"IBAN:GB82WEST12345698765432.":                 "IBAN:[IBAN].",
			"fr14 2004 1010 0505 0001 3m02 606":            "[IBAN]",
			"MT84MALT011000012345MTLCAST001S":              "[IBAN]",
			"NO93 8601 1117 947":                           "[IBAN]",
			"SA03 8000 0000 6080 1016 7519":                "[IBAN]",
			"SA٠٣ ٨٠٠٠ ٠٠٠٠ ٦٠٨٠ ١٠١٦ ٧٥١٩":                "[IBAN]",
			"AE07-0331-2345-6789-0123-456":                 "[IBAN]",
			"EG380019000500000000263180002":                "[IBAN]",
			"acct=DE89%203704%200044%200532%200130%2000&x": "acct=[IBAN]&x",
			"DE89 3704 0044 0532 0130 01":                  "DE89 3704 0044 0532 0130 01", // fails its check
			"DE8937040044053201300":                        "DE8937040044053201300",       // too short
			"DE893704004405320130001":                      "DE893704004405320130001",     // too long
			"XX89370400440532013000":                       "XX89370400440532013000",      // no such country
		},
		"key": {
			"key sk-proj_abcdefghijkl0123":                                             "key [API_KEY]",
			"sk-ant-api03-AbCd_efGh1234567890-xyz":                                     "[API_KEY]",
			"AIzaSyA1234567890abcdefghijklmnopqrstu":                                   "[API_KEY]",
			"ghp_16C7e42F292c6912E7710c838347Ae178B4a":                                 "[API_KEY]",
			"github_pat_11ABCDEFG0abcdefghijkl_mnopqr":                                 "[API_KEY]",
			"xoxb-2444333222111-abcdefGHIJKL":                                          "[API_KEY]",
			"AKIAIOSFODNN7EXAMPLE":                                                     "[API_KEY]",
			"hf_AbCdEfGhIjKlMnOpQrStUvWx":                                              "[API_KEY]",
			"gsk_1234567890abcdefABCDEF":                                               "[API_KEY]",
			"SG.ngeVfQFYQlKU0ufo8x5d1A.TwL2iGABf9DHoT":                                 "[API_KEY]",
			"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1g": "[API_KEY]",
			"Authorization: Bearer abc.def-123456":                                     "Authorization: [API_KEY]",
			"sent Bearer 0123456789abcdef twice":                                       "sent [API_KEY] twice",
			"Authorization: Basic dXNlcjpwYXNzd29yZA==":                                "Authorization: [API_KEY]",
			"x-api-key: 0123456789abcdef":                                              "x-api-key: [API_KEY]",
			"OPENAI_API_KEY=abcdefgh":                                                  "OPENAI_API_KEY=[API_KEY]",
			"AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY":           "AWS_SECRET_ACCESS_KEY=[API_KEY]",
			"API key: 0123456789abcdef":                                                "API key: [API_KEY]",
			"{'apiKey': 'any thing'}":                                                  "{'apiKey': '[API_KEY]'}",
			`got {\"api_key\": \"any thing\"} back`:                                    `got {\"api_key\": \"[API_KEY]\"} back`,
			"Get \"https://serpapi.com/search?api_key=0123456789abcdef&q=x\": EOF":     "Get \"https://serpapi.com/search?api_key=[API_KEY]&q=x\": EOF",
			"POST /v1/models/g:run?key=AbCdEfGh1234":                                   "POST /v1/models/g:run?key=[API_KEY]",
			"/b?X-Amz-Signature=fe5f80f77d5fa3beca038a248ff027&x=1":                    "/b?X-Amz-Signature=[API_KEY]&x=1",
			"-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----\nok": "[API_KEY]\nok",
			"-----BEGIN PRIVATE KEY-----\nMIIE":                                        "[API_KEY]",
			"المفتاح:sk-abcdefghijkl0123":                                              "المفتاح:[API_KEY]",
			`"x\nsk-abcdefghijkl0123"`:                                                 `"x\n[API_KEY]"`,
			"Authorization: Token 0123456789abcdef0123":                                "Authorization: [API_KEY]",
			`curl -H "Authorization: Bearer AbCdEfGhIjKlMnOp" h`:                       `curl -H "Authorization: [API_KEY]" h`,
			"proxy-authorization: GenieKey eb243592-faa2-4ba2 now":                     "proxy-authorization: [API_KEY] now",
			"HEADERS=Authorization=Basic%20dXNlcjprZXk=":                               "HEADERS=Authorization=[API_KEY]",
			"token=0123456789abcdef0123":                                               "token=[API_KEY]",
			"token: 9f86d081884c7d659a2feaa0c55ad015":                                  "token: [API_KEY]",
			"next_page_token = 'CiAKGjBpNDd2Nmp2Zml2cXRw'":                             "next_page_token = '[API_KEY]'",
			`got {\"Token\": \"9f86d081884c7d65\"} back`:                               `got {\"Token\": \"[API_KEY]\"} back`,
			"Bearer: abcdef0123456789":                                                 "Bearer: [API_KEY]",
			"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw":                                   "[API_KEY]",
			"hvs.CAESIJ1a2b3c4d5e6f7g8h9i0j":                                           "[API_KEY]",
			"tl_1f0cb74a5e9d4b1c8e2a":                                                  "[API_KEY]",
			"x-honeycomb-team=abcdefghijklmnop,x-honeycomb-dataset=metrics":            "x-honeycomb-team=[API_KEY],x-honeycomb-dataset=metrics",
			"signoz-ingestion-key=abcdefgh":                                            "signoz-ingestion-key=[API_KEY]",
		},
		"password": {
			"postgres://bob:hunter2@db.example.com:5432/app": "postgres://[SECRET]@db.example.com:5432/app",
			"https://:pw@example.com/":                       "https://[SECRET]@example.com/",
			"bob:hunter2@tcp(db:3306)/app":                   "[SECRET]@tcp(db:3306)/app",
			"host=db password=hunter2 port=5432":             "host=db password=[SECRET] port=5432",
			`{"password": "correct \"horse\""}`:              `{"password": "[SECRET]"}`,
		},
		"JSON stays JSON": {
			`{"api_key": "0123456789"}`:                              `{"api_key": "[API_KEY]"}`,
			`{"phone": 5551234567, "n": [1, 2.5]}`:                   `{"phone": "[PHONE]", "n": [1, 2.5]}`,
			`[4111111111111111]`:                                     `["[CREDIT_CARD]"]`,
			`{"bob@example.com": {"mail":"b\u0040b.io"}}`:            `{"[EMAIL]": {"mail":"[EMAIL]"}}`,
			`{"password": 12345678, "max_tokens": 5}`:                `{"password": "[SECRET]", "max_tokens": 5}`,
			`{"order_id": 4512345678}`:                               `{"order_id": 4512345678}`,
			`{"body": "{\"mail\": \"bob@example.com\"}"}`:            `{"body": "{\"mail\": \"[EMAIL]\"}"}`,
			`{"token": "hello", "secret": "", "key": "a1"}`:          `{"token": "hello", "secret": "", "key": "a1"}`,
			`{"token": "9f86d081884c7d65", "t": "9f86d081884c7d65"}`: `{"token": "[API_KEY]", "t": "9f86d081884c7d65"}`,
			`{"a": "x", "b" : "<ok> & مرحبا"}`:                       `{"a": "x", "b" : "<ok> & مرحبا"}`,
		},
	} {
		t.Run(group, func(t *testing.T) {
			for in, want := range tests {
				assert.Equal(t, want, Redact("", in), "Redact(%q)", in)
				assert.Equal(t, want, Redact("", want), "Redact again")
			}
		})
	}
}

// What programs and their errors are full of stays readable.
func TestRedactLeavesAlone(t *testing.T) {
	for _, s := range []string{
		"",
		"risk-management-and-more",
		"sk-learn-contrib-package, ak-47-assault-rifle, SK-2024-000123-EU",
		"hf_model_name_or_path, npm_config_registry, ASIAPACIFICREGION",
		"Bearer authentication required; basic understanding of it",
		"password: required, secret: the answer, api_key: string",
		"tokens: 128000, limit 8192, max_tokens=4096",
		"token: gpt-4o-mini-2024-07-18, next token: 'and 0123456789abcdef', token=abcdefghijklmnopq, token: 2026-01-12T10:30:00.123456",
		"Bearer: the one who has it in 2026; authorization: please contact the administrator of this; Authorization: Bearer <token>",
		"Authorization: Bearer $TOKEN, Authorization: Bearer YOUR_API_KEY",
		`if token == "eof" { key := x.key }`,
		"HTTP 429 after 12345 ms",
		"card 4111 1111 1111 1112",
		"score 0.4111111111111111, 0.8999999761581421 and 4.532015112830366",
		// Times and dates.
		"at 2026-01-12 10:30:00, 2026-01-12T10:30:00.123456789+01:00, 20260112-103000",
		"12.10.2025 - 15.10.2025, 12/10/2025 10.30, 2026-01-12 - 2026-02-11, ٢٠٢٦-٠١-١٢",
		"ts=1736676600 and 1736676600123 and 1736676600123456789",
		"1h2m3.123456789s, 00:00:00.000000001",
		// Versions and places in programs.
		"v1.26.8, go1.26.0, Chrome/120.0.6099.109, Windows 10.0.19045.3803, 2024.10.15.1234",
		"lodash@4.17.21, module@v1.2.3, actions/checkout@v4.1.0, root@localhost, @app.route",
		"0x7fff5fbff8c0, 0xc000123456, main.go:1234567",
		"SHA 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
		"md5 d41d8cd98f00b204e9800998ecf8427e, ba7816bf8f01cfea, commit 1234567",
		"123e4567-e89b-12d3-a456-426614174000, 12345678-1234-1234-1234-123456789012",
		"00000000-0000-0000-0000-000000000000, 4bf92f3577b34da6a3ce929d0e0e4736",
		// Places on earth and on networks.
		"52.520008, 13.404954; -122.4194155 +52.5200066; 40.7127753 -74.0059728",
		"dial tcp 104.18.7.192:443: connect: refused; 192.168.100.200 8080; 192.16.10.12",
		"fe80::1ff:fe23:4567:890a, 2001:0db8:85a3:0000:0000:8a2e:0370:7334",
		// Numbers of things.
		"order 4512345678, order number 4512345678, Order #4512345678, #4512345678",
		"orderId=4512345678 invoice: 4512345678, طلب رقم ٤٥١٢٣٤٥٦٧٨",
		"ORD-2024-000123, INV-0012345678, 2024-000123, 112-1234567-1234567",
		"https://example.com/orders/4512345678, file_5551234567, user5551234567",
		"ISBN 978-3-16-148410-0, 9783161484100, 0-306-40615-2, 3-16-148410-2",
		"ZIP 90210-1234, 12345-6789",
		"1 234 567 890, 1,234,567,890, 1.234.567.890, 123.456.789, 12 345 678 901, $ 4512345678, €4512345678",
		"10 20 30 40 50, 1 2 3 4 5 6 7 8 9 10, 100 200 300",
		"1234567 rows, 123456789 bytes, 99999999",
		"5000000000 bytes, 7000000000 parameters and 2500000000 ns; 5551234567 Tokens",
		"order\t4512345678",
		"5432\n4111\n1111\n1111\n1111\n2345", // a column
		"244\t5551\t1234\n255\t5552\t1234, 555\n123\n4567",
		".8999999761581421\n.4111111111111111\n-.4111111111111111",
		"0011 0010 0011 0100, 0110 1001 1001 0110",
		"order 011442079460958",
		"call_abc1234567890, chatcmpl-9a8b7c6d5e4f, req_0123456789abcdef",
		"arn:aws:bedrock:us-east-1:123456789012:model/x",
		"is 10 at 20 de 89 be 16, be 62 5100 7547 7061",
		"[EMAIL] [PHONE] [CREDIT_CARD] [IBAN] [API_KEY] [SECRET]",
		`{"a":1,"b":[true,null,"x"]}`,
		"[1] see (2) and {3}",
	} {
		assert.Equal(t, s, Redact("", s))
	}
}

// inexcusable finds what nothing can excuse, however the scan that spares most of the
// text came to it.
var inexcusable = regexp.MustCompile(`[a-su-z0-9]@[a-z]+\.(?:com|org|io|cd)(?:[\s,;]|$)|\+[1-9][0-9]{8,12}(?:[^0-9A-Za-z_.%/+() -]|$)|(?:^|[^A-Za-z0-9_])(?:sk-|ghp_|xoxb-)[a-z0-9]{16}`)

func FuzzRedact(f *testing.F) {
	for _, s := range []string{
		"bob@example.com", "+44 20 7946 0958", "4111 1111 1111 1111", "5551234567sk-aaaaaaaaaaaa",
		"bearer aaaaaaaa1@b.cd", "٤١١١١١١١١١١١١١١١ (1) 2.3", "?key=0000000000000000000", "api_key=\"api_key=12345678",
		"DE89 3704 0044 0532 0130 00", `{"a@b.cd":"5551234567","password":12345678}`, `["{\"x\":\"a@b.cd\"}"]`,
		"eyJhbGciOi.eyJzdWIi.x a%40b.cd %2B15550102345", "x://a:b@c/ a:b@tcp(", "-----BEGIN PRIVATE KEY-----", "phone 1234567",
		"Basic dXNlcjpwYXNzd29yZA==", `\"secret\":\"x\"`, "5551234567 order_id 4512345678",
	} {
		f.Add(s)
	}
	for _, file := range []string{"hits_tuned.txt", "misses_tuned.txt"} {
		for _, s := range samples(f, file) {
			f.Add(s.text)
		}
	}
	f.Fuzz(func(t *testing.T, s string) {
		once := Redact("", s)
		if twice := Redact("", once); twice != once {
			t.Errorf("Redact(%q) = %q, and again %q", s, once, twice)
		}
		if m := inexcusable.FindString(once); m != "" {
			t.Errorf("Redact(%q) = %q leaves %q", s, once, m)
		}
		if utf8.ValidString(s) && !utf8.ValidString(once) {
			t.Errorf("Redact(%q) = %q is not valid UTF-8", s, once)
		}
		if json.Valid([]byte(s)) && mayBeJSON(s) && !json.Valid([]byte(once)) {
			t.Errorf("Redact(%q) = %q is not JSON any more", s, once)
		}
	})
}

// adversarial are texts, to be repeated, of which some part of Redact or another
// might look at the rest each time.
var adversarial = map[string]string{
	"digits": "1", "lines": "4111\n", "trunks": "0011 ", "schemes": "authorization: a ", "tight schemes": "authorization=a b=", "tokens": "token=", "quoted tokens": `token="a`, "cells": "+1\t", "counts": "5551234567 ", "letters": "a", "spaced digits": "1 ", "almost mail": "a@b", "escaped mail": "a%40", "mail": "a@b.cd ", "dots": "a.",
	"labels": "a@b.c.", "parentheses": "(1", "open": "(", "pluses": "+1 ", "almost keys": "sk-", "more almost keys": "-eyJ", "web tokens": "eyJabcdef.",
	"cards": "4111111111111111 ", "card groups": "4111 ", "phones": "555 123 4567 ", "glued": "5551234567sk-aaaaaaaaaaaa", "ibans": "DE89 ",
	"pairs": "api_key=", "quoted pairs": `api_key="`, "colons": "api_key:", "names": "password", "bearers": "bearer ", "basics": "basic YTpi",
	"URLs": "x://", "users in URLs": "x://a:b@", "sources": "a:b@tcp(", "PEM": "-----BEGIN PRIVATE KEY-----", "backslashes": `\"`, "percent": "%2B1", "escaped URLs": "x%3A%2F%2Fa", "URLs in JSON": `x:\/\/a`, "escaped percents": "%25", "apostrophes": "'",
	"equal signs": "=", "quotation marks": `"`, "spaces": " ", "direction": "\u200f1", "Arabic": "٤١١١ ", "invalid": "\xff",
	"lists": `"password":[`, "objects": `{"password":{`, "named": `{"name":"password","value":[`, "elements": "<password>", "sentences": "password is ", "wide sentences": "密码", "arabic sentences": "كلمة السر ",
	"flags": " --password ", "short flags": " -p", "users": " curl -u ", "entities": "&#64", "decoded": "&#49;", "at": " (at) ", "soft": "\u00ad1", "hidden": "\u200b", "odd": "1_", "PuTTY": "PuTTY-User-Key-File-", "SSH2": "---- BEGIN SSH2 PRIVATE KEY ----",
	"digests": `digest username="`, "parameters": `digest realm="a",`, "cookies": "cookie: a=b; ", "values": "password=a&", "siblings": "name=password value=", "webhooks": "hooks.slack.com/services/a", "telegram": "1234567:AA", "discord": "MTa.", "dotted": "dp.pt.a.", "quoted mail": `"a"@b.c `, "local parts": "a.b.c.d.e.f", "armor": "-----BEGIN PRIVATE KEY-----\nA-B: c\n",
	"braces": "{", "words": "the quick brown fox ", "escapes": `\n5551234567`,
}

// A large prompt must not stop the caller: four times the text is four times the
// work, counted in bytes that some scan looks at.
func TestRedactTakesLinearTime(t *testing.T) {
	const size = 1 << 15
	for name, unit := range adversarial {
		small, large := countWork(strings.Repeat(unit, size/len(unit))), countWork(strings.Repeat(unit, 4*size/len(unit)))
		assert.LessOrEqual(t, large, 5*small, name)
		assert.LessOrEqual(t, large, maxWork*4*size, name)
	}
	for name, unit := range benchTexts {
		assert.LessOrEqual(t, countWork(strings.Repeat(unit, size/len(unit))), maxWork*size, name)
	}
}

// maxWork is how often a byte may be looked at, by all scans together.
const maxWork = 100

func countWork(text string) int {
	n := 0
	work, numbers.Work = &n, &n
	defer func() { work, numbers.Work = nil, nil }()
	Redact("", text)
	return n
}

// One repeated text, whatever it is.
func FuzzRedactTakesLinearTime(f *testing.F) {
	for _, unit := range adversarial {
		f.Add(unit)
	}
	f.Fuzz(func(t *testing.T, unit string) {
		if unit == "" {
			return
		}
		s := strings.Repeat(unit, max(1, 1<<15/len(unit)))
		if n := countWork(s); n > maxWork*len(s) {
			t.Errorf("%d bytes of %q are looked at %d times each", len(s), unit, n/len(s))
		}
	})
}
