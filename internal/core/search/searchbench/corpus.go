package searchbench

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"

	"gonghui/internal/core/search"
	"gonghui/internal/kit/clock"
)

// The word lists of the corpus. A trade is its usual titles, then its duties.
var trades = []struct {
	titles []string
	duties []string
}{
	{[]string{"电焊工", "焊工", "氩弧焊工", "二保焊工"}, []string{"负责钢结构焊接", "看懂图纸", "持焊工证优先", "打磨抛光"}},
	{[]string{"叉车司机", "叉车工", "铲车司机"}, []string{"负责货物装卸", "持叉车证", "仓库转运", "车辆日常保养"}},
	{[]string{"货车司机", "专职司机", "配送司机", "挂车司机"}, []string{"市内配送", "持B2驾驶证", "长途运输", "车辆年检保养", "熟悉省内路线"}},
	{[]string{"外卖配送员", "骑手", "送餐员", "快递员"}, []string{"按时送达餐品", "自备电动车优先", "多劳多得", "熟悉周边道路"}},
	{[]string{"销售代表", "电话销售", "销售经理", "渠道销售", "置业顾问"}, []string{"开发新客户", "维护老客户", "完成销售任务", "有提成上不封顶", "沟通能力强"}},
	{[]string{"服务员", "餐厅服务员", "传菜员", "迎宾"}, []string{"接待客人点餐", "整理餐桌", "形象端正", "服务热情"}},
	{[]string{"会计", "财务主管", "出纳", "成本会计"}, []string{"账务处理", "纳税申报", "编制财务报表", "熟悉金蝶用友软件", "持初级会计证"}},
	{[]string{"Java开发工程师", "软件工程师", "后端开发", "全栈工程师"}, []string{"使用Java开发后台服务", "熟悉MySQL和Redis", "Spring Boot经验", "参与需求分析", "代码评审"}},
	{[]string{"前端工程师", "Web前端开发", "小程序开发"}, []string{"熟悉Vue和React", "HTML5页面开发", "与设计配合", "JavaScript基础扎实"}},
	{[]string{"保洁员", "保洁", "家政保洁", "楼层清洁"}, []string{"清扫楼道", "擦玻璃", "垃圾清运", "吃苦耐劳"}},
	{[]string{"保安", "安保员", "秩序维护员", "消防值班员"}, []string{"门岗值守", "夜间巡逻", "持消防证优先", "维持秩序"}},
	{[]string{"普工", "操作工", "流水线工人", "装配工", "包装工"}, []string{"流水线作业", "两班倒", "服从安排", "产品组装", "坐班不累"}},
	{[]string{"数控车工", "CNC操作员", "车工", "铣工", "机加工"}, []string{"操作数控机床", "会编程优先", "使用量具测量", "看懂CAD图纸"}},
	{[]string{"电工", "维修电工", "高压电工", "弱电工程师"}, []string{"设备电气维修", "持低压电工证", "线路安装", "PLC调试"}},
	{[]string{"厨师", "面点师", "炒锅师傅", "厨工"}, []string{"负责热菜制作", "会做鲁菜", "食材验收", "厨房卫生"}},
	{[]string{"护士", "护理员", "养老护理员", "病房护工"}, []string{"照顾老人起居", "持护士资格证", "测量血压", "轮班制"}},
	{[]string{"月嫂", "育婴师", "母婴护理师", "住家保姆"}, []string{"照顾新生儿", "产妇护理", "做月子餐", "持母婴护理证"}},
	{[]string{"教师", "小学语文老师", "幼儿教师", "辅导老师"}, []string{"备课授课", "批改作业", "家校沟通", "持教师资格证"}},
	{[]string{"客服专员", "电话客服", "在线客服", "售后客服"}, []string{"解答客户咨询", "处理投诉", "普通话标准", "打字速度快"}},
	{[]string{"人事专员", "招聘专员", "人力资源主管", "行政专员"}, []string{"组织面试", "办理社保", "员工关系", "考勤统计"}},
	{[]string{"仓库管理员", "库管", "理货员", "分拣员"}, []string{"货物入库出库", "盘点库存", "使用扫码枪", "分拣打包"}},
	{[]string{"缝纫工", "平车工", "裁剪工", "服装打版师"}, []string{"缝制衬衣", "计件工资", "熟练平车", "质检返修"}},
	{[]string{"质检员", "品质工程师", "化验员", "检验员"}, []string{"来料检验", "出具检测报告", "熟悉ISO9001", "抽样检查"}},
	{[]string{"施工员", "安全员", "造价工程师", "资料员", "项目经理"}, []string{"现场施工管理", "持二级建造师证", "编制预算", "工程资料归档"}},
	{[]string{"木工", "瓦工", "油漆工", "钢筋工", "架子工"}, []string{"室内装修", "贴瓷砖", "工地施工", "日结工资"}},
	{[]string{"美容师", "美发师", "美甲师", "按摩师"}, []string{"皮肤护理", "客户回访", "提供培训", "手法熟练"}},
	{[]string{"主播", "带货主播", "短视频运营", "新媒体运营"}, []string{"直播间讲解", "拍摄剪辑", "粉丝互动", "文案策划"}},
	{[]string{"机械工程师", "工艺工程师", "模具设计师", "结构工程师"}, []string{"使用SolidWorks设计", "绘制CAD图纸", "工艺改进", "跟进试产"}},
	{[]string{"渔船水手", "海产品加工", "养殖工", "冷库工"}, []string{"海带晾晒", "水产分拣", "耐低温", "出海作业"}},
	{[]string{"园林工", "绿化养护", "果树技术员", "蔬菜大棚工"}, []string{"修剪苗木", "浇水施肥", "病虫害防治", "大棚采摘"}},
}

var (
	cities   = []string{"济南", "青岛", "淄博", "枣庄", "东营", "烟台", "潍坊", "济宁", "泰安", "威海", "日照", "临沂", "德州", "聊城", "滨州", "菏泽"}
	nameHead = []rune("华鲁泰盛鑫恒瑞德信诚海天宏达金源中联正大永兴安康凯润祥和顺通博雅新东明辉嘉福隆昌益民同创元亨利贞庆丰万隆佳美百川众合立信长青云峰")
	lines    = []string{"机械制造", "食品", "物流", "建筑工程", "餐饮管理", "科技", "纺织", "化工", "医药", "人力资源", "物业服务", "电子商务", "汽车配件", "教育咨询", "农业发展", "新材料"}
	promises = []string{"五险一金", "包吃住", "月休四天", "双休", "法定节假日", "带薪年假", "免费住宿", "夫妻房", "餐补", "交通补贴", "全勤奖", "年终奖", "工龄工资", "免费培训", "定期体检", "班车接送", "长白班", "做六休一", "八小时工作制", "试用期缴纳社保"}
	openers  = []string{"公司因业务发展需要", "现诚聘", "长期招聘", "急招", "厂家直招", "欢迎应届毕业生", "退役军人优先", "不限经验可培训", "待遇优厚", "工作地点就近分配"}
	asks     = []string{"身体健康", "吃苦耐劳", "有责任心", "服从管理", "有相关经验者优先", "年满十八周岁", "能适应加班", "团队协作", "学习能力强", "无不良嗜好"}
)

// The codes of the corpus.
var (
	educations = []string{"none", "junior", "senior", "college", "bachelor", "master"}
	pays       = []string{"0", "3000", "5000", "8000", "12000", "20000", "negotiable"}
	hours      = []string{"day", "shift", "part", "flexible"}
	groups     = []string{"graduate", "veteran", "migrant", "laid_off", "disabled", "women", "new_form"}
)

const (
	countiesPerCity = 9
	leavesPerTrade  = 20
)

func cityCode(c int) string      { return fmt.Sprintf("37%02d", c+1) }
func countyCode(c, k int) string { return fmt.Sprintf("37%02d%02d", c+1, k+2) }
func tradeCode(t int) string     { return fmt.Sprintf("%d-%02d", t%6+1, t+1) }
func leafCode(t, k int) string   { return fmt.Sprintf("%d-%02d-%02d", t%6+1, t+1, k+1) }

// Places in the slices of a document.
const (
	placeFacet = iota
	occupationFacet
	educationFacet
	payFacet
	hoursFacet
	groupFacet
	benefitFacet
)

func schema() search.Schema {
	places := []search.Value{{Code: "37"}}
	for c := range cities {
		places = append(places, search.Value{Code: cityCode(c), Parent: "37"})
		for k := range countiesPerCity {
			places = append(places, search.Value{Code: countyCode(c, k), Parent: cityCode(c)})
		}
	}
	var occupations []search.Value
	for t := range trades {
		occupations = append(occupations, search.Value{Code: tradeCode(t), Parent: fmt.Sprint(t%6 + 1)})
		for k := range leavesPerTrade {
			occupations = append(occupations, search.Value{Code: leafCode(t, k), Parent: tradeCode(t)})
		}
	}
	plain := func(codes []string) (out []search.Value) {
		for _, c := range codes {
			out = append(out, search.Value{Code: c})
		}
		return out
	}
	return search.Schema{
		Fields: []search.Field{{Name: "title", Boost: 4}, {Name: "company", Boost: 2}, {Name: "body", Boost: 1}},
		Facets: []search.Facet{
			{Name: "place", Known: places}, {Name: "occupation", Known: occupations},
			{Name: "education", Known: plain(educations)}, {Name: "pay", Known: plain(pays)}, {Name: "hours", Known: plain(hours)},
			{Name: "group", Multi: true, Known: plain(groups)}, {Name: "benefit", Multi: true, Known: plain(promises)},
		},
		Numbers: []string{"published", "pay_min", "pay_max"},
		Sorts:   []search.Sort{{Name: "date", Number: "published", Desc: true}, {Name: "pay", Number: "pay_max", Desc: true}},
		Recency: "published",
		Synonyms: search.Synonyms{
			"骑手":  {Words: []string{"外卖配送", "送餐员", "快递员"}, Codes: []search.Code{{Facet: "occupation", Value: tradeCode(3)}}},
			"程序员": {Words: []string{"软件工程师", "后端开发", "前端开发"}, Codes: []search.Code{{Facet: "occupation", Value: tradeCode(7)}}},
			"保姆":  {Words: []string{"育婴师", "母婴护理", "家政"}},
		},
	}
}

// corpus makes advertisement n; the same n gives the same one.
type corpus struct{ today clock.Day }

func (c corpus) doc(n int) search.Doc {
	r := rand.New(rand.NewPCG(uint64(n), 20))
	any := func(from []string) string { return from[r.IntN(len(from))] }
	// Some trades and cities have many more ads than others.
	skew := func(n int) int { return min(n-1, int(float64(n)*r.Float64()*r.Float64()*1.3)) }
	t, city, county := skew(len(trades)), skew(len(cities)), r.IntN(countiesPerCity)
	trade := trades[t]
	name := cities[city] + string([]rune{nameHead[r.IntN(len(nameHead))], nameHead[r.IntN(len(nameHead))]}) + any(lines) + "有限公司"
	title := any(trade.titles)
	if r.IntN(3) == 0 {
		title += "（" + any(promises) + "）"
	}
	days, pay := int(r.ExpFloat64()*25), 3000+500*r.IntN(20)
	var b strings.Builder
	fmt.Fprintf(&b, "%s，%s%d人。岗位职责：", any(openers), title, 1+r.IntN(30))
	for i := range 3 {
		fmt.Fprintf(&b, "%d、%s；", i+1, any(trade.duties))
	}
	fmt.Fprintf(&b, "任职要求：%s，%s，%s，年龄%d-%d岁。", any(asks), any(asks), any(asks), 18+r.IntN(8), 40+r.IntN(16))
	var benefits []string
	for range 2 + r.IntN(4) {
		if p := any(promises); !strings.Contains(strings.Join(benefits, " "), p) {
			benefits = append(benefits, p)
		}
	}
	fmt.Fprintf(&b, "福利待遇：%s，月薪%d-%d元。", strings.Join(benefits, "、"), pay, pay+2000)
	fmt.Fprintf(&b, "工作地址：%s市%s%s路%d号。", cities[city], string(nameHead[r.IntN(len(nameHead))]), string(nameHead[r.IntN(len(nameHead))]), 1+r.IntN(300))
	bucket := min(len(pays)-2, pay/2500)
	d := search.Doc{
		ID:   fmt.Sprintf("%08x-%04x-7%03x-8%03x-%012x", 0x0190_0000+n/60000, n%60000, r.IntN(4096), r.IntN(4096), n),
		Text: []string{title, name, b.String()},
		Facets: [][]string{
			{countyCode(city, county)}, {leafCode(t, skew(leavesPerTrade))}, {educations[skew(len(educations))]},
			{pays[bucket]}, {hours[skew(len(hours))]}, nil, benefits,
		},
		Numbers: []int64{int64(c.today) - int64(days), int64(pay) * 100, int64(pay+2000) * 100},
		Point:   &search.Point{Lon: 115 + float64(city%5)*1.4 + r.Float64()*0.8, Lat: 34.6 + float64(city/5) + r.Float64()*0.6},
	}
	if r.IntN(10) == 0 {
		d.Facets[payFacet] = []string{"negotiable"}
		d.Numbers[1], d.Numbers[2] = search.None, search.None
	}
	for _, g := range groups {
		if r.IntN(5) == 0 {
			d.Facets[groupFacet] = append(d.Facets[groupFacet], g)
		}
	}
	return d
}

// question is one query of the mix.
type question struct {
	name string
	q    search.Query
}

// questions gives one round of the mix, with places and words that vary.
func questions(r *rand.Rand) []question {
	city := r.IntN(len(cities))
	trade := trades[r.IntN(len(trades))]
	title := trade.titles[r.IntN(len(trade.titles))]
	common := []string{"服务", "销售", "司机", "电工", "会计", "普工", "工程师"}[r.IntN(7)]
	place := []search.Filter{{Facet: "place", Values: []string{cityCode(city)}}}
	low := int64(500000)
	return []question{
		{"all", search.Query{}},
		{"city", search.Query{Filters: place, Sort: "date"}},
		{"two cities by pay", search.Query{Filters: []search.Filter{{Facet: "place", Values: []string{cityCode(0), cityCode(city)}}, {Facet: "education", Values: []string{"none", "senior"}}}, Sort: "pay"}},
		{"pay range", search.Query{Ranges: []search.Range{{Number: "pay_max", Min: &low}}, Filters: []search.Filter{{Facet: "hours", Values: []string{"day"}}}}},
		{"title", search.Query{Text: title}},
		{"common word", search.Query{Text: common}},
		{"word in city", search.Query{Text: common, Filters: place}},
		{"place and trade", search.Query{Text: cities[city] + " " + title}},
		{"colloquial", search.Query{Text: []string{"骑手", "程序员", "保姆"}[r.IntN(3)]}},
		{"promise", search.Query{Text: promises[r.IntN(len(promises))]}},
		{"two promises", search.Query{Text: "包吃住 五险一金 " + common}},
		{"latin", search.Query{Text: []string{"java", "CAD", "mysql", "ISO9001", "B2"}[r.IntN(5)]}},
		{"one character", search.Query{Text: "工", Filters: place}},
		{"nearby", search.Query{Text: common, Near: &search.Point{Lon: 117, Lat: 36.6}, RadiusKm: 30, Sort: search.SortDistance}},
		{"occupation and group", search.Query{Filters: []search.Filter{{Facet: "occupation", Values: []string{tradeCode(r.IntN(len(trades)))}}, {Facet: "group", Values: []string{"veteran"}}}}},
		{"company", search.Query{Text: "鲁泰 " + lines[r.IntN(len(lines))]}},
	}
}

// sphere and chord2 are the geometry of the index, restated for PostgreSQL.
func sphere(p search.Point) (x, y, z float64) {
	lon, lat := p.Lon*math.Pi/180, p.Lat*math.Pi/180
	return math.Cos(lat) * math.Cos(lon), math.Cos(lat) * math.Sin(lon), math.Sin(lat)
}

func chord2(km float64) float64 {
	c := 2 * math.Sin(km/(2*6371.0088))
	return c * c
}
