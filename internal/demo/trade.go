package demo

import "strings"

// trade is one kind of work: what ads for it say, what they pay and who hires.
// Lists are separated by "|" to keep the tables readable.
type trade struct {
	titles     string
	occupation string // 职业分类大典 2022
	hire       string // divisions of GB/T 4754 whose companies hire it; "*" = any
	weight     int    // how often it is wanted
	low, high  int    // yuan a month in an average county; by the hour or day where per says so
	per        string // "" = month
	education  int    // as employment counts: 0 any … 5 bachelor
	years      int    // asked at most
	hours      string // kinds of hours, the first the usual one
	housed     int    // per cent of ads with a dormitory
	groups     string // welcomed groups
	work       string // what is done
	need       string // what is asked
	perk       string // what is offered beyond the common things
}

func list(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, "|")
}

// trades is the whole table, blue-collar work first. Its order is part of the
// seed: add at the end of a file.
func trades() []trade {
	var out []trade
	for _, part := range [][]trade{factoryTrades, plantTrades, roadTrades, homeTrades, buildTrades, officeTrades} {
		out = append(out, part...)
	}
	return out
}

// commonWork, commonNeed and commonPerk fit any trade; they are used sparingly,
// so that ads do not read alike.
var (
	commonNeed = list("踏实肯干，服从班组安排|身体健康，能适应岗位的劳动强度|有责任心，守时守纪|能吃苦，愿意长期稳定工作|沟通顺畅，有团队意识|有相关经历的优先安排面试|零基础也可报名，有师傅带教|居住地离厂区较近的优先考虑|遵守安全操作规程，正确佩戴劳保用品|接受过职业技能培训并取得证书者，按等级给予补贴")
	commonPerk = list("签订劳动合同，依法缴纳社会保险|每月10日准时发放工资，从不拖欠|节日福利、生日慰问、高温补贴齐全|工会每年组织职工体检|有班车接送，沿途多个站点可上下车|单位设有职工书屋、爱心妈咪小屋和母婴室|满一年享受带薪年休假|转正后按技能等级定薪，每年调薪一次|食堂提供三餐，饭菜按成本价|提供四人间宿舍，有空调、热水和无线网络|优秀员工可推荐参加技能竞赛和技师评审|加班按规定支付加班工资|有夜班补贴和满勤奖|入职当天即办理工伤保险|职工子女暑期托管班由工会开办")
)
