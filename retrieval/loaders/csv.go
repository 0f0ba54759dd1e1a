// SPDX-License-Identifier: Apache-2.0

package loaders

import (
	"bufio"
	"context"
	"encoding/csv"
	"errors"
	"io"
	"strings"

	"github.com/tmc/langchaingo/schema"
)

// rows gives the documents that langchaingo's CSV loader makes, but one at a
// time: tables are the files that grow.
func (f file) rows(ctx context.Context, give func(schema.Document, error) bool) bool {
	opened, err := f.fsys.Open(f.name)
	if err != nil {
		return give(schema.Document{}, unreadable(err))
	}
	defer func() { _ = opened.Close() }()
	limited := &rowLimiter{Reader: opened, left: f.cfg.max}
	in := bufio.NewReader(limited)
	if mark, err := in.Peek(len(bom)); err == nil && string(mark) == bom {
		_, _ = in.Discard(len(bom))
	}
	table := csv.NewReader(in)
	table.ReuseRecord = true
	var columns []string
	for row := 0; ; row++ {
		limited.left = f.cfg.max
		record, err := table.Read()
		switch _, malformed := errors.AsType[*csv.ParseError](err); {
		case ctx.Err() != nil:
			return give(schema.Document{}, ctx.Err())
		case errors.Is(err, io.EOF) && row > 1:
			return true
		case errors.Is(err, io.EOF):
			return give(schema.Document{}, nil) // The source is there, and holds nothing.
		case errors.Is(err, errTooLarge):
			return give(schema.Document{}, tooLarge("has a row that is", f.cfg.max))
		case malformed:
			return give(schema.Document{}, &Error{"is not CSV that can be read (" + err.Error() + ")", "repair the line", err})
		case err != nil:
			return give(schema.Document{}, unreadable(err))
		}
		for _, value := range record {
			if err := checkText(value); err != nil {
				return give(schema.Document{}, err)
			}
		}
		if row == 0 {
			columns = append(columns, record...)
			continue
		}
		if !give(rowOf(columns, record, row), nil) {
			return false
		}
	}
}

func rowOf(columns, record []string, row int) schema.Document {
	lines := make([]string, len(record))
	for i, value := range record {
		lines[i] = columns[i] + ": " + value
	}
	return schema.Document{PageContent: strings.Join(lines, "\n"), Metadata: map[string]any{"row": row}}
}

// rowLimiter fails when more is read than a row may have. What is read ahead of a row
// counts to the row before.
type rowLimiter struct {
	io.Reader
	left int64
}

func (r *rowLimiter) Read(p []byte) (int, error) {
	if r.left <= 0 {
		return 0, errTooLarge
	}
	n, err := r.Reader.Read(p)
	r.left -= int64(n)
	return n, err
}
