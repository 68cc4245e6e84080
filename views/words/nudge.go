package words

// nudgeMessages are about asking colleagues for what a class lacks.
var nudgeMessages = map[string]string{
	"nudge.today": "Hôm nay đã nhắc thầy/cô này về lớp này rồi.",
	"nudge.self":  "Việc này của chính thầy/cô, không cần nhắc.",
}
