package handlers

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"time"

	"hocba/internal/fault"
	"hocba/internal/jobs"
	"hocba/internal/signing/agent"
	"hocba/internal/workflow"
	"hocba/views"
)

// signerAgentRoutes are what the script of a person's own token talks to.
var signerAgentRoutes = []route{
	{post, "/jobs/:job/agent", workflow.PermSigner, (*Portal).createAgentSignatures},
	{get, "/signing/agent-key", workflow.PermNone, (*Portal).showAgentKey},
}

// agentChunk is how many signatures a token is asked for at once.
const agentChunk = 50

// agentIn is what the page posts: what the token has signed.
type agentIn struct {
	Signatures []agent.Signature `json:"signatures"`
}

// agentOut is the answer: what is to be signed next, and how far the job is.
type agentOut struct {
	Said      string           `json:"said"` // progress in words
	Challenge *agent.Challenge `json:"challenge,omitempty"`
	Digests   []agent.Digest   `json:"digests,omitempty"`
}

// createAgentSignatures takes what a token signed for a job and answers with
// what is to be signed next. Only the job's owner gets here, only a page of our
// own origin can read the answer, and only values over intents of this person
// and job become signatures.
func (p *Portal) createAgentSignatures(r *request) error {
	id, err := r.id("job")
	if err != nil {
		return err
	}
	if p.agentKey == nil {
		return fault.New(fault.Unavailable, "signer.none")
	}
	if r.Request().Header.Get("Content-Type") != "application/json" {
		return fault.New(fault.Invalid, "request.invalid")
	}
	var in agentIn
	body, err := io.ReadAll(io.LimitReader(r.Request().Body, 1<<20))
	if err == nil {
		err = json.Unmarshal(body, &in)
	}
	if err != nil || len(in.Signatures) > agent.MaxDigests {
		return fault.New(fault.Invalid, "request.invalid")
	}
	var signed []jobs.Named
	for _, s := range in.Signatures {
		intent, err := jobs.ParseIntent(s.ID)
		if err != nil {
			return err
		}
		signed = append(signed, jobs.Named{Intent: intent, Value: s.Value})
	}
	if err := p.jobs.AgentComplete(r.ctx(), r.actor, id, signed); err != nil {
		return err
	}
	next, err := p.jobs.AgentNext(r.ctx(), r.actor, id, agentChunk)
	if err != nil {
		return err
	}
	out := agentOut{Said: views.AgentProgress(next.Job.Kind, next.Job.Done, next.Job.Refused, next.Job.Total)}
	for i, d := range next.Digests {
		out.Digests = append(out.Digests, agent.Digest{ID: next.Intents[i].String(), Sum: d.Sum[:], Title: d.Title})
	}
	if len(out.Digests) > 0 {
		c := agent.Challenge{Origin: p.baseURL, Job: strconv.FormatInt(id, 10), Certificate: next.Certificate}
		c = c.Sign(p.agentKey, out.Digests, time.Now())
		out.Challenge = &c
	}
	return r.JSON(http.StatusOK, out)
}

// showAgentKey tells agents under which key this portal vouches for hashes.
func (p *Portal) showAgentKey(r *request) error {
	if p.agentKey == nil {
		return fault.New(fault.NotFound, "page.unknown")
	}
	public, _ := p.agentKey.Public().(ed25519.PublicKey)
	return r.String(http.StatusOK, base64.StdEncoding.EncodeToString(public)+"\n")
}

// allowAgent lets this one page talk to agents on this very machine.
func allowAgent(r *request, ports ...string) {
	policy := contentPolicy + "; connect-src 'self'"
	for _, port := range ports {
		policy += " ws://127.0.0.1:" + port
	}
	if len(ports) > 0 {
		r.Response().Header().Set("Content-Security-Policy", policy)
	}
}
