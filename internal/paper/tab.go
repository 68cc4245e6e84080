package paper

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"hocba/internal/fault"
)

// params are the arguments of a protocol command.
type params map[string]any

// tab is one page of the browser, used for one document after another.
type tab struct {
	browser *browser
	target  string
	session string
	frame   string
	printed int
}

// openTab opens a tab that lays out for A4, runs no script of its document and
// is cut off from the network.
func openTab(ctx context.Context, b *browser) (*tab, error) {
	t := &tab{browser: b}
	var target struct{ TargetID string }
	if err := b.call(ctx, "", "Target.createTarget", params{"url": "about:blank"}, &target); err != nil {
		return nil, err
	}
	t.target = target.TargetID
	var attached struct{ SessionID string }
	if err := b.call(ctx, "", "Target.attachToTarget", params{"targetId": t.target, "flatten": true}, &attached); err != nil {
		return nil, err
	}
	t.session = attached.SessionID
	var tree struct {
		FrameTree struct{ Frame struct{ ID string } }
	}
	if err := t.call(ctx, "Page.getFrameTree", nil, &tree); err != nil {
		return nil, err
	}
	t.frame = tree.FrameTree.Frame.ID
	for _, c := range []struct {
		method string
		params params
	}{
		{"Emulation.setScriptExecutionDisabled", params{"value": true}},
		{"Emulation.setEmulatedMedia", params{"media": "print"}},
		// 175 mm, the width between the margins, so that measuring sees what is printed
		{"Emulation.setDeviceMetricsOverride", params{"width": 661, "height": 1123, "deviceScaleFactor": 1, "mobile": false}},
		{"Network.enable", params{"maxTotalBufferSize": 0}},
		{"Network.emulateNetworkConditions", params{"offline": true, "latency": 0, "downloadThroughput": 0, "uploadThroughput": 0}},
	} {
		if err := t.call(ctx, c.method, c.params, nil); err != nil {
			return nil, err
		}
	}
	return t, nil
}

func (t *tab) call(ctx context.Context, method string, p params, result any) error {
	return t.browser.call(ctx, t.session, method, p, result)
}

func (t *tab) close(ctx context.Context) error {
	return t.browser.call(ctx, "", "Target.closeTarget", params{"targetId": t.target}, nil)
}

// settle waits for the embedded fonts and looks for text that does not fit its
// cell. It runs in the page, through the protocol; timers and listeners would
// not run there, scripts being off, so whoever calls it asks again until the
// document is complete.
const settle = `(async () => {
	if (document.readyState !== 'complete') return '{}';
	document.body.offsetHeight;
	await document.fonts.ready;
	const failed = [...document.fonts].find(f => f.status === 'error');
	const cut = e => e.scrollWidth > e.clientWidth + 1 || e.scrollHeight > e.clientHeight + 1;
	const cell = [...document.querySelectorAll('[data-cell]')].find(cut);
	return JSON.stringify({complete: true, font: failed ? failed.family : '', cell: cell ? cell.dataset.cell : ''});
})()`

// print lays out one document and returns its PDF.
func (t *tab) print(ctx context.Context, html []byte) ([]byte, error) {
	t.printed++
	if err := t.show(ctx, html); err != nil {
		return nil, err
	}
	if err := t.settle(ctx); err != nil {
		return nil, err
	}
	var printed struct{ Data []byte }
	err := t.call(ctx, "Page.printToPDF", params{
		"printBackground": true, "preferCSSPageSize": true, "generateTaggedPDF": tagged, "generateDocumentOutline": false,
		"marginTop": 0, "marginBottom": 0, "marginLeft": 0, "marginRight": 0,
	}, &printed)
	if err != nil {
		return nil, err
	}
	// A child's record does not stay in an idle tab.
	return printed.Data, t.show(ctx, []byte("<!doctype html><title></title>"))
}

func (t *tab) show(ctx context.Context, html []byte) error {
	return t.call(ctx, "Page.setDocumentContent", params{"frameId": t.frame, "html": string(html)}, nil)
}

// settled is what the settle script found.
type settled struct {
	Complete   bool
	Font, Cell string
}

func (t *tab) settle(ctx context.Context) error {
	for {
		found, err := t.measure(ctx)
		switch {
		case err != nil:
			return fmt.Errorf("measure document: %w", err)
		case found.Font != "":
			return fmt.Errorf("measure document: font %s cannot be read", found.Font)
		case found.Cell != "":
			return fault.New(fault.Invalid, "paper.overflow", "cell", found.Cell)
		case found.Complete:
			return nil
		}
		select {
		case <-time.After(5 * time.Millisecond):
		case <-ctx.Done():
			return fmt.Errorf("wait for document: %w", ctx.Err())
		}
	}
}

func (t *tab) measure(ctx context.Context) (settled, error) {
	var out struct {
		Result           struct{ Value string }
		ExceptionDetails *struct{ Text string }
	}
	err := t.call(ctx, "Runtime.evaluate", params{"expression": settle, "awaitPromise": true, "returnByValue": true}, &out)
	if err != nil {
		return settled{}, err
	}
	if out.ExceptionDetails != nil {
		return settled{}, errors.New(out.ExceptionDetails.Text)
	}
	var found settled
	return found, json.Unmarshal([]byte(out.Result.Value), &found)
}
