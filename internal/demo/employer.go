package demo

import (
	"fmt"
	"strings"

	"gonghui/internal/core/company"
	"gonghui/internal/kit/ident"
)

// line is a branch of industry: a division of GB/T 4754, how companies of it are
// called and what they say of themselves.
type line struct {
	division string
	weight   int
	words    string // what stands behind the made-up name
	makes    string
}

var lines = []line{
	{"34", 9, "机械制造|重工机械|传动设备|泵业|阀门制造", "通用机械和零部件"},
	{"35", 6, "智能装备|专用设备|农业装备|环保设备", "成套专用设备"},
	{"33", 7, "金属制品|钢结构工程|五金工业|紧固件制造", "金属结构和五金件"},
	{"36", 6, "汽车零部件|车桥制造|汽车内饰|专用汽车", "整车配套零部件"},
	{"38", 5, "电气设备|电机制造|线缆科技|新能源", "电机电气和储能产品"},
	{"39", 4, "电子科技|光电技术|微电子|智能终端", "电子元件和整机"},
	{"37", 2, "船舶配套|轨道装备|海洋工程装备", "船舶和轨道装备"},
	{"17", 4, "纺织|棉纺织|家纺|织造", "纱线、面料和家纺"},
	{"18", 6, "服饰|制衣|服装|羽绒制品", "服装加工出口"},
	{"13", 7, "食品加工|水产食品|禽业|粮油食品|果蔬食品", "农副产品深加工"},
	{"14", 5, "食品|烘焙食品|调味食品|速冻食品", "预包装食品"},
	{"15", 2, "酒业|饮料|啤酒", "酒和饮料"},
	{"26", 5, "新材料|精细化工|化学|助剂科技", "化工新材料"},
	{"27", 3, "药业|生物制药|中药饮片", "药品和医疗用品"},
	{"25", 1, "石化|能源化工", "石油化工产品"},
	{"29", 4, "橡塑|轮胎|塑料制品|密封件", "橡胶和塑料制品"},
	{"30", 4, "建材|陶瓷|玻璃制品|混凝土", "建筑材料"},
	{"31", 2, "钢铁|特钢|管业", "钢材和管材"},
	{"32", 2, "铝业|铜业|有色金属", "铝铜加工材"},
	{"22", 2, "纸业|包装科技|纸制品", "包装用纸和纸箱"},
	{"23", 1, "印务|彩印包装", "印刷品"},
	{"21", 2, "家具|木业|全屋定制", "板式家具"},
	{"28", 1, "化纤|新纤维", "化学纤维"},
	{"01", 2, "蔬菜种植专业合作社|农业科技|现代农业", "设施蔬菜和果品"},
	{"03", 2, "牧业|畜禽养殖|生态养殖", "畜禽养殖"},
	{"04", 1, "海洋牧场|海珍品养殖|渔业", "海水养殖"},
	{"10", 1, "矿业|石材", "矿石和石材"},
	{"06", 1, "矿业|煤业", "矿产开采"},
	{"44", 1, "热力|供热", "城市供热"},
	{"46", 1, "水务|供水", "供水和水处理"},
	{"47", 5, "建筑工程|建设集团|建工", "房屋建筑施工"},
	{"48", 2, "路桥工程|市政工程", "道路和市政施工"},
	{"49", 2, "机电安装|消防工程|智能化工程", "机电安装"},
	{"50", 3, "装饰工程|幕墙装饰", "装修装饰"},
	{"51", 6, "商贸|国际贸易|供应链管理|进出口", "批发和进出口"},
	{"52", 6, "超市|百货|医药连锁|汽车销售服务|家电", "零售连锁"},
	{"54", 5, "运输|物流|公交客运|冷链物流", "道路运输"},
	{"58", 2, "国际货运代理|多式联运", "货运代理"},
	{"59", 3, "仓储|港口装卸|云仓科技", "仓储和装卸"},
	{"60", 5, "速递|快运|同城配送", "快递和配送"},
	{"61", 3, "酒店管理|大酒店|民宿", "住宿服务"},
	{"62", 6, "餐饮管理|餐饮服务|团膳服务", "餐饮和团餐"},
	{"64", 3, "网络科技|电子商务|信息服务", "互联网服务"},
	{"65", 4, "软件|信息技术|数据科技", "软件和数据服务"},
	{"66", 1, "村镇服务|金融服务", "金融服务"},
	{"68", 1, "保险代理", "保险服务"},
	{"70", 4, "物业服务|物业管理|城市运营", "物业管理"},
	{"72", 5, "人才服务|保安服务|文旅发展|会展服务", "商务服务"},
	{"74", 1, "检测技术|工程咨询", "检验检测和咨询"},
	{"77", 1, "环保科技|环境工程", "环境治理"},
	{"78", 3, "环境卫生服务|园林绿化|景区管理", "市容和园林"},
	{"80", 4, "家政服务|母婴护理服务|生活服务", "家政服务"},
	{"81", 3, "汽车维修|汽车服务", "汽车修理"},
	{"83", 3, "教育咨询|幼儿教育|职业培训学校", "教育培训"},
	{"84", 4, "医院管理|康复医院|口腔门诊", "医疗服务"},
	{"85", 3, "养老服务|颐养中心|托育服务", "养老和托育"},
	{"89", 1, "健身服务", "体育健身"},
}

// Syllables of names that no company we know of bears.
const (
	nameFirst  = "澜|栖|禾|砚|岫|沐|桉|霁|昀|翎|湜|樾|璟|麓|汀|柘|鹭|蕴|曜|穗|泊|筱|榆|槿|珞|朔|邶|溯|皓|磬"
	nameSecond = "禾|屿|川|桐|丘|舟|野|岑|坞|原|麦|松|垣|谷|泉|陌|帆|棠|峤|溪|衡|洲|圃|驰|遥|石|崧|垚|宁|启"
)

// employer is a made-up company before it goes through the registration.
type employer struct {
	name, credit string
	industry     string // GB/T 4754 class
	division     string // two digits
	county       county
	town         string // code
	address      string
	about        string
	contact      string // name
	staff        int
	trades       []int // what it hires for
	hires        urn
}

// makers makes employers one after the other.
type makers struct {
	d      dice
	atlas  *atlas
	trades []trade
	lines  urn
	taken  map[string]bool
	n      int
}

func newMakers(seed uint64, a *atlas, t []trade) *makers {
	return &makers{
		d: newDice(seed, "employers"), atlas: a, trades: t, taken: map[string]bool{},
		lines: newUrn(len(lines), func(i int) int { return lines[i].weight }),
	}
}

// next makes an employer; a county and a branch may be asked for by their codes.
func (m *makers) next(countyCode, division string) employer {
	d := m.d
	m.n++
	at := m.atlas.anywhere(d)
	if countyCode != "" {
		at = m.atlas.county(countyCode)
	}
	l := lines[m.lines.draw(d)]
	for i := range lines {
		if lines[i].division == division {
			l = lines[i]
		}
	}
	town := at.town(d)
	e := employer{
		name: m.name(at, l), county: at, town: town.Code, division: l.division, industry: industryClass(d, l.division),
		contact: d.name(d.sex()), staff: []int{12, 30, 60, 120, 280, 650, 1800}[min(6, int(d.ExpFloat64()*2.2))] + d.IntN(20),
	}
	if division != "" {
		e.staff = max(e.staff, 300)
	}
	e.credit = creditCode(at.Code, m.n)
	e.address = fmt.Sprintf("%s%d号", d.word("兴业路|创新街|振兴路|工业三路|裕民路|和平街|新城大道|学府路|滨河路|文化路|迎宾街|富强路"), d.between(1, 388))
	e.about = fmt.Sprintf("%s，位于%s，主营%s，现有职工约%d人。%s（演示数据，企业为虚构）",
		strings.TrimSuffix(e.name, "有限公司"), at.city.Name+at.Name, l.makes, e.staff,
		d.word("厂区配有食堂、宿舍和职工活动室。|近年来连续扩产，常年招聘技术工人。|公司重视安全生产和技能培训。|多名职工获评市级工匠。|与本地职业院校开展订单培养。|班组民主管理，厂务定期公开。"))
	for i, t := range m.trades {
		if t.hire == "*" || strings.Contains("|"+t.hire+"|", "|"+l.division+"|") {
			e.trades = append(e.trades, i)
		}
	}
	own := e.trades
	e.hires = newUrn(len(own), func(i int) int {
		if t := m.trades[own[i]]; t.hire == "*" {
			return t.weight
		}
		return m.trades[own[i]].weight * 4
	})
	return e
}

func (m *makers) name(at county, l line) string {
	for {
		where := shortName(at.city.Name)
		if m.d.chance(45) {
			where = shortName(at.Name)
		}
		what := m.d.word(l.words)
		tail := "有限公司"
		if strings.HasSuffix(what, "社") || strings.HasSuffix(what, "学校") || strings.HasSuffix(what, "中心") || strings.HasSuffix(what, "酒店") {
			tail = ""
		}
		name := where + m.d.word(nameFirst) + m.d.word(nameSecond) + what + tail
		if m.d.chance(4) {
			name = where + m.d.word(nameFirst) + m.d.word(nameSecond) + what + "（" + shortName(at.Name) + "）" + tail
		}
		if !m.taken[name] {
			m.taken[name] = true
			return name
		}
	}
}

// industryClass gives a class of a division, the deepest level we know.
func industryClass(d dice, division string) string {
	code := division
	for range 2 {
		below := company.IndustriesBelow(code)
		if len(below) == 0 {
			return code
		}
		code = pick(d, below).Code
	}
	return code
}

// creditCode makes the nth well-formed code of the demonstration. Places 9 to 12
// read MADE, which marks it.
func creditCode(county string, n int) string {
	code, ok := ident.MakeCreditCode(fmt.Sprintf("91%sMADE%05d", county, n%100_000))
	if !ok {
		panic("demo: a credit code cannot begin with county " + county) // counties are six digits
	}
	return code
}
