// SPDX-License-Identifier: Apache-2.0

package loaders

import (
	"errors"
	"io/fs"
	"strconv"
	"strings"
)

// Error says in one line what is wrong with a file or folder, and what to do. A
// [*index.SourceError] around it says with which.
type Error struct {
	Problem string
	Hint    string
	// Err is the error of the file system or of the library, if there was one.
	Err error
}

func (e *Error) Error() string {
	// Problems can quote a library: keep them on one line.
	return strings.Join(strings.Fields(e.Problem+": "+e.Hint), " ")
}

// Unwrap gives the error of the file system or of the library.
func (e *Error) Unwrap() error { return e.Err }

var errTooLarge = errors.New("it is too large")

func tooLarge(what string, limit int64) *Error {
	return &Error{what + " larger than " + strconv.FormatInt(limit, 10) + " bytes", "split it, or raise the limit with loaders.WithMaxSize", errTooLarge}
}

func unreadable(err error) *Error {
	hint := "check the disk and try again"
	if errors.Is(err, fs.ErrPermission) {
		hint = "give your user the right to read it"
	}
	return &Error{"cannot be read (" + reason(err) + ")", hint, err}
}

// reason leaves out the path, which stands before it already.
func reason(err error) string {
	if pe, ok := errors.AsType[*fs.PathError](err); ok {
		return pe.Err.Error()
	}
	return err.Error()
}
