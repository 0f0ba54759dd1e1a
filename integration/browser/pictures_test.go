// SPDX-License-Identifier: Apache-2.0

//go:build integration

package browser

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// TestPictures writes the pictures of docs/ into the folder that PICTURES names.
func TestPictures(t *testing.T) {
	folder := os.Getenv("PICTURES")
	if folder == "" {
		t.Skip(`PICTURES is not set: "make pictures" sets it`)
	}
	r := sample(t)
	b := newTab(t)
	for _, theme := range []string{"light", "dark"} {
		b.theme(theme)
		b.openList(r)
		b.size(1200, 560)
		b.picture(filepath.Join(folder, "list-"+theme+".png"))
		b.follow("#traces tbody tr:first-child a")
		b.size(1280, 760)
		b.picture(filepath.Join(folder, "trace-"+theme+".png"))
	}
	b.clean()
}

func (b *tab) picture(name string) {
	b.t.Helper()
	png := run(b, chromedp.CaptureScreenshot())
	require.NoError(b.t, os.WriteFile(name, png, 0o600))
}
