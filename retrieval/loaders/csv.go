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
func (w *walk) rows(ctx context.Context, name string, give func(schema.Document, error) bool) {
	f, err := w.fsys.Open(name)
	if err != nil {
		give(schema.Document{}, unreadable(err))
		return
	}
	defer func() { _ = f.Close() }()
	in := bufio.NewReader(f)
	if mark, err := in.Peek(len(bom)); err == nil && string(mark) == bom {
		_, _ = in.Discard(len(bom))
	}
	table := csv.NewReader(in)
	table.ReuseRecord = true
	var columns []string
	for row := 0; ; row++ {
		record, err := table.Read()
		switch {
		case ctx.Err() != nil:
			give(schema.Document{}, ctx.Err())
			return
		case errors.Is(err, io.EOF):
			if row <= 1 {
				give(schema.Document{}, nil) // The source is there, and holds nothing.
			}
			return
		case err != nil:
			if _, ok := errors.AsType[*csv.ParseError](err); !ok {
				give(schema.Document{}, unreadable(err))
				return
			}
			give(schema.Document{}, &Error{"is not CSV that can be read (" + err.Error() + ")", "repair the line", err})
			return
		}
		if err := checkText([]byte(strings.Join(record, ""))); err != nil {
			give(schema.Document{}, err)
			return
		}
		if row == 0 {
			columns = append(columns, record...)
			continue
		}
		if !give(rowOf(columns, record, row), nil) {
			return
		}
	}
}

func rowOf(columns, record []string, row int) schema.Document {
	var b strings.Builder
	for i, value := range record {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(columns[i])
		b.WriteString(": ")
		b.WriteString(value)
	}
	return schema.Document{PageContent: b.String(), Metadata: map[string]any{"row": row}}
}
