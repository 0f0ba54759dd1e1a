// SPDX-License-Identifier: Apache-2.0

package privacy

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestSecretNames(t *testing.T) {
	for name := range strings.SplitSeq("password Password PASSWORD passwd pwd pass passphrase passcode db_pass DB_PASS dbPass DBPass MYSQL_PWD userPassword user-password "+
		"password2 password_hash newPassword password_confirmation passwords api_key apiKey API_KEY apikey APIKey x-api-key X-Api-Key OPENAI_API_KEY openai_key ANTHROPIC_KEY "+
		"api_keys secret secrets clientSecret client_secret CLIENT_SECRET jwt_secret secret_key secretAccessKey AWS_SECRET_ACCESS_KEY AWS_ACCESS_KEY_ID private_key signingKey "+
		"access_token accessToken refresh_token idToken id_token authToken auth_token bearer_token session_token GITHUB_TOKEN HF_TOKEN github_token NPM_TOKEN csrf_token "+
		"API_TOKEN_PROD authorization Authorization Proxy-Authorization cookie Set-Cookie x-honeycomb-team AccountKey subscription-key encryption_key cvv cvc "+
		"Passwort Kennwort datenbank_passwort API-Schlüssel Zugangsschlüssel Geheimnis mot_de_passe motDePasse mdp clé_api clé_secrète contraseña contrasena clave clave_secreta secreto "+
		"пароль Пароль ПАРОЛЬ пароль_базы секретный_ключ 密码 用户密码 密碼 口令 密钥 كلمة_السر كلمة_المرور كَلِمة_السر مفتاح_API headers[authorization] --db-password spring.datasource.password", " ") {
		assert.True(t, IsSecretName(name), name)
	}
	for _, name := range []string{"API key", "mot de passe", "mot de passe de la base", "contraseña del wifi", "Passwort für das WLAN", "пароль от базы", "كلمة السر", "secret access key", "my password"} {
		assert.True(t, IsSecretName(name), name)
	}
	for name := range strings.SplitSeq("pass_rate passport passenger compass bypass trespass surpass passed max_tokens maxTokens token_count tokens prompt_tokens completion_tokens "+
		"token next_token eos_token EOS_TOKEN MAX_TOKEN stop_token author authority authored key primary_key foreign_key sort_key partition_key public_key cache_key keyboard monkey "+
		"password_length password_reset_url passwordless secretary secret_name keynote name value id user username pin spine PWD OLDPWD path level caller tokenizer hash "+
		"enclave 价格 ключевой كلمة", " ") {
		assert.False(t, IsSecretName(name), name)
	}
	assert.False(t, IsSecretName(""))
	assert.False(t, IsSecretName(strings.Repeat("x", 1000)))
	assert.True(t, IsSecretName(strings.Repeat("x", 1000)+"_password"))
	assert.Zero(t, testing.AllocsPerRun(10, func() {
		IsSecretName("x-request-id")
		IsSecretName("clave secreta")
		IsSecretName("пароль от базы")
	}))
}

func TestNamedBy(t *testing.T) {
	for key := range strings.SplitSeq("name Name key KEY field header param parameter variable property headerName param_name", " ") {
		assert.True(t, NamedBy(key), key)
	}
	for key := range strings.SplitSeq("value type description user id names hockey", " ") {
		assert.False(t, NamedBy(key), key)
	}
	assert.False(t, NamedBy(""))
}

func BenchmarkIsSecretName(b *testing.B) {
	for _, name := range []string{"x-request-id", "http.response.status_code", "OPENAI_API_KEY"} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				IsSecretName(name)
			}
		})
	}
}
