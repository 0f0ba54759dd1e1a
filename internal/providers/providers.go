// SPDX-License-Identifier: Apache-2.0

package providers

import (
	"maps"
	"slices"
	"strings"
)

// Provider declares one provider. Every field but Name is optional.
type Provider struct {
	// Name is the value of gen_ai.provider.name.
	Name string
	// Hosts are servers that OpenAI's client is used with. One that begins with
	// a dot stands for all hosts that end in it.
	Hosts []string
	// Endpoints are the paths that its models are called at.
	Endpoints []Endpoint
	// Clients are langchaingo's packages for the provider.
	Clients []Client
	// Shape is what responses look like.
	Shape Shape

	// AdjustInfo corrects the counts that Shape.Info gave for a GenerationInfo.
	AdjustInfo func(c *Counts, info map[string]any)
	// IsContentBlock reports whether a choice with this GenerationInfo is a part
	// of the same message as the first choice, if both have one stop reason.
	IsContentBlock func(first, info map[string]any) bool
	// ChoiceCounts returns the counts of one choice where a client splits the
	// output tokens of a request over its choices.
	ChoiceCounts func(info map[string]any) (input, output int, ok bool)
}

// Shape declares names, spellings and places of values in responses. A path in a
// JSON body joins the keys of objects with dots; "[]" after a key stands for
// every element of its array.
type Shape struct {
	// Info maps keys of a GenerationInfo, and of the value "usage" in it, to what
	// they hold.
	Info map[string]Field
	// Paths maps paths in a body to what stands there.
	Paths map[string]Field
	// UsageObjects are the paths of usage objects, and Usage maps paths in one.
	UsageObjects []string
	Usage        map[string]Field
	// TrueReasons maps paths to the finish reason that a true there stands for.
	TrueReasons map[string]string
	// LastEvents are the types of the event that ends a stream.
	LastEvents []string
	// ErrorEvents are the types of events that say that the request failed.
	ErrorEvents []string
	// FinishReasons maps the provider's spellings to the convention's. "" stands
	// for a choice that has not finished.
	FinishReasons map[string]string
	// ErrorTexts maps the full texts of errors without a type to an error.type.
	ErrorTexts map[string]string
	// StatusMarkers stand before the HTTP status in the text of an error.
	StatusMarkers []string
	// Headers are response headers that help to find out what went wrong, in
	// lower case. One that ends in "*" stands for all that begin with it.
	Headers []string
}

// Known merges the shapes of all providers. Responses are read by all of them
// together, since proxies and compatible servers mix the shapes of several
// providers. It does not change after init, so concurrent reads are safe.
var Known = Shape{
	Info: map[string]Field{}, Paths: map[string]Field{}, Usage: map[string]Field{}, TrueReasons: map[string]string{},
	FinishReasons: map[string]string{}, ErrorTexts: map[string]string{},
	Headers: []string{"retry-after", "x-request-id", "ratelimit*", "x-ratelimit*"},
}

// Like Known, these do not change after init.
var (
	all     []*Provider
	clients = map[string]Client{}
)

// register adds a provider. Its result lets a package-level variable call it.
func register(p Provider) *Provider { //nolint:unparam // a package-level variable needs a value
	all = append(all, &p)
	for _, c := range p.Clients {
		c.Provider = p.Name
		clients[c.Package] = c
	}
	maps.Copy(Known.Info, p.Shape.Info)
	maps.Copy(Known.Paths, p.Shape.Paths)
	addNew(&Known.UsageObjects, p.Shape.UsageObjects)
	maps.Copy(Known.Usage, p.Shape.Usage)
	maps.Copy(Known.TrueReasons, p.Shape.TrueReasons)
	addNew(&Known.LastEvents, p.Shape.LastEvents)
	addNew(&Known.ErrorEvents, p.Shape.ErrorEvents)
	for spelling, reason := range p.Shape.FinishReasons {
		Known.FinishReasons[spelling] = reason
		// The names of Google's Go enums have no underscores.
		Known.FinishReasons[strings.ReplaceAll(spelling, "_", "")] = reason
	}
	maps.Copy(Known.ErrorTexts, p.Shape.ErrorTexts)
	addNew(&Known.StatusMarkers, p.Shape.StatusMarkers)
	addNew(&Known.Headers, p.Shape.Headers)
	return &p
}

// addNew appends what the list does not have.
func addNew(list *[]string, values []string) {
	for _, v := range values {
		if !slices.Contains(*list, v) {
			*list = append(*list, v)
		}
	}
}

// AdjustInfo corrects counts that were read from a GenerationInfo.
func AdjustInfo(c *Counts, info map[string]any) {
	for _, p := range all {
		if p.AdjustInfo != nil {
			p.AdjustInfo(c, info)
		}
	}
}

// IsContentBlock reports whether a choice is a part of the same message as the
// first one, by their GenerationInfo.
func IsContentBlock(first, info map[string]any) bool {
	return slices.ContainsFunc(all, func(p *Provider) bool { return p.IsContentBlock != nil && p.IsContentBlock(first, info) })
}

// ChoiceCounts returns the counts of one choice if its client splits the output
// tokens of a request over the choices.
func ChoiceCounts(info map[string]any) (input, output int, ok bool) {
	for _, p := range all {
		if p.ChoiceCounts == nil {
			continue
		}
		if input, output, ok = p.ChoiceCounts(info); ok {
			return input, output, true
		}
	}
	return 0, 0, false
}
