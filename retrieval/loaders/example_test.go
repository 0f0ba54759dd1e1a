// SPDX-License-Identifier: Apache-2.0

package loaders_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"testing/fstest"

	"github.com/spanloom/spanloom/retrieval/loaders"
)

// A row of a table is a document, and so is a page of a PDF.
func ExampleFS() {
	files := fstest.MapFS{ // yours: an embed.FS
		"returns.md": {Data: []byte("A lamp can be returned within 30 days.")},
		"prices.csv": {Data: []byte("lamp,price\ndesk,40\nfloor,90\n")},
		"logo.png":   {Data: []byte("...")},
	}
	docs, err := loaders.FS(files).Load(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	for _, d := range docs {
		fmt.Printf("%v: %q\n", d.Metadata["source"], d.PageContent)
	}
	// Output:
	// prices.csv: "lamp: desk\nprice: 40"
	// prices.csv: "lamp: floor\nprice: 90"
	// returns.md: "A lamp can be returned within 30 days."
}

func ExampleFolder() {
	dir, err := os.MkdirTemp("", "handbook")
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	if err := os.WriteFile(filepath.Join(dir, "care.html"), []byte("<h1>Care</h1><p>Wipe it with a dry cloth.</p>"), 0o600); err != nil {
		log.Panic(err)
	}

	docs, err := loaders.Folder(dir, loaders.WithPrefix("handbook/")).Load(context.Background())
	if err != nil {
		log.Panic(err)
	}
	for _, d := range docs {
		fmt.Printf("%v: %q\n", d.Metadata["source"], d.PageContent)
	}
	// Output:
	// handbook/care.html: "Care\n\nWipe it with a dry cloth."
}

func ExampleFile() {
	dir, err := os.MkdirTemp("", "handbook")
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	file := filepath.Join(dir, "returns.txt")
	if err := os.WriteFile(file, []byte("A lamp can be returned within 30 days."), 0o600); err != nil {
		log.Panic(err)
	}

	docs, err := loaders.File(file).Load(context.Background())
	fmt.Println(docs[0].PageContent, err)
	// An error says what is wrong, and what to do.
	_, err = loaders.File("handbook.docx").Load(context.Background())
	if problem, ok := errors.AsType[*loaders.Error](err); ok {
		fmt.Println(problem.Hint)
	}
	// Output:
	// A lamp can be returned within 30 days. <nil>
	// check the disk and try again
}

func ExampleWithExtensions() {
	files := fstest.MapFS{
		"returns.md": {Data: []byte("A lamp can be returned within 30 days.")},
		"notes.txt":  {Data: []byte("Call the printer.")},
	}
	docs, err := loaders.FS(files, loaders.WithExtensions(".md")).Load(context.Background())
	fmt.Println(len(docs), docs[0].Metadata["source"], err)
	// Output:
	// 1 returns.md <nil>
}
