// SPDX-License-Identifier: Apache-2.0

//go:build integration

package browser

import (
	"bytes"
	"cmp"
	"errors"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"maps"
	"os"
	"path/filepath"
	"slices"
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
	b.theme("light")
	b.size(1200, 420)
	b.openList(r)
	b.picture(filepath.Join(folder, "list.png"))
	b.follow("#traces tbody a")
	b.size(1280, 860)
	b.do(chromedp.Evaluate[chromedp.Void](`document.querySelector(".row.retrieval").click()`))
	b.picture(filepath.Join(folder, "documents.png"))
	b.do(chromedp.Evaluate[chromedp.Void](`[...document.querySelectorAll(".row.chat")].at(-1).click()`))
	b.picture(filepath.Join(folder, "trace.png"))
	b.theme("dark")
	b.picture(filepath.Join(folder, "trace-dark.png"))
	b.clean()
}

// picture writes what the tab shows, with the 256 colours that it has most of: a third of
// the bytes.
func (b *tab) picture(name string) {
	b.t.Helper()
	full, err := png.Decode(bytes.NewReader(run(b, chromedp.CaptureScreenshot())))
	require.NoError(b.t, err)
	counts := map[color.Color]int{}
	for y := range full.Bounds().Dy() {
		for x := range full.Bounds().Dx() {
			counts[full.At(x, y)]++
		}
	}
	palette := slices.SortedFunc(maps.Keys(counts), func(a, b color.Color) int { return cmp.Compare(counts[b], counts[a]) })
	small := image.NewPaletted(full.Bounds(), palette[:min(256, len(palette))])
	draw.Draw(small, small.Bounds(), full, image.Point{}, draw.Src)
	f, err := os.Create(name)
	require.NoError(b.t, err)
	require.NoError(b.t, errors.Join((&png.Encoder{CompressionLevel: png.BestCompression}).Encode(f, small), f.Close()))
}
