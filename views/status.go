package views

import (
	"hocba/views/ui"
	"hocba/views/words"
)

// stageLooks gives each stage of a record, and each state of a version, its
// tone and icon; the word is words.Stage.
var stageLooks = map[string]ui.Status{
	"none":            {Tone: ui.Neutral},
	"drafting":        {Tone: ui.Neutral, Icon: ui.IconPen},
	"part_signed":     {Tone: ui.Neutral, Icon: ui.IconPen},
	"homeroom_signed": {Tone: ui.Wait, Icon: ui.IconClock},
	"returned":        {Tone: ui.Past, Icon: ui.IconBack},
	"approved":        {Tone: ui.OK},
	"issued":          {Tone: ui.OK, Icon: ui.IconPaper},
	"submitted":       {Tone: ui.Wait, Icon: ui.IconClock},
	"accepted":        {Tone: ui.OK},
	"refused":         {Tone: ui.Stop},
	"locked":          {Tone: ui.OK, Icon: ui.IconLock},
	"reported":        {Tone: ui.OK, Icon: ui.IconSend},
	"replaced":        {Tone: ui.Past},
	"recalled":        {Tone: ui.Past, Icon: ui.IconBack},
	"revoked":         {Tone: ui.Stop, Icon: ui.IconBack},
	"transferred":     {Tone: ui.Past, Icon: ui.IconSwap},
	"paper":           {Tone: ui.Neutral, Icon: ui.IconBook},
}

// StageStatus returns the badge of a stage (workflow.Stage) or of a version's
// state in the registry.
func StageStatus[T ~string](stage T) ui.Status {
	s := stageLooks[string(stage)]
	if s.Tone == "" {
		s.Tone = ui.Neutral
	}
	s.Word = words.Stage(stage)
	return s
}

// answerLooks gives each verdict its tone and icon; the last two are no verdict on the paper.
var answerLooks = map[string]ui.Answer{
	"valid":     {Tone: ui.OK},
	"unlocked":  {Tone: ui.Wait, Icon: ui.IconClock},
	"replaced":  {Tone: ui.Past},
	"recalled":  {Tone: ui.Past, Icon: ui.IconBack},
	"revoked":   {Tone: ui.Stop, Icon: ui.IconBack},
	"altered":   {Tone: ui.Stop},
	"unknown":   {Tone: ui.Neutral, Icon: ui.IconSearch},
	"unchecked": {Tone: ui.Neutral, Icon: ui.IconWarn},
}

// VerdictAnswer returns the block for a verdict: valid, unlocked, replaced,
// recalled, revoked, altered, unknown, unchecked. args: date (dd/MM/yyyy),
// version. An unforeseen code is "unchecked", never "valid".
func VerdictAnswer[T ~string](verdict T, args map[string]string) ui.Answer {
	a, ok := answerLooks[string(verdict)]
	if !ok {
		a = answerLooks["unchecked"]
	}
	a.Title = words.Verdict(verdict, args)
	a.Text = words.VerdictMeaning(verdict)
	return a
}
