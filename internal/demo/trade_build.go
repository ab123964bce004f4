package demo

// buildTrades: building sites, repairs, streets and gardens.
var buildTrades = []trade{
	{
		titles: "瓦工|砌筑工|贴砖师傅|抹灰工", occupation: "6-29-01-01", hire: "47|50", weight: 5, per: "day",
		low: 260, high: 400, education: 0, years: 1, hours: "day", housed: 85, groups: "migrant",
		work: "砌筑二次结构墙体，挂线找平|室内外贴砖、勾缝|抹灰、找补，交付前清理", need: "熟练工，自带小工具|会看简单施工图|进场前完成三级安全教育", perk: "实名制管理，工资按月打卡|工地有淋浴和职工夜校",
	},
	{
		titles: "钢筋工|钢筋绑扎工|钢筋下料工", occupation: "6-29-01-04", hire: "47|48", weight: 4, per: "day",
		low: 280, high: 380, education: 0, years: 1, hours: "day", housed: 90, groups: "migrant",
		work: "钢筋下料、弯曲、绑扎|按图检查间距和保护层|操作套丝机、弯曲机", need: "会看配筋图|能高处作业，系好安全带|班组可整体进场", perk: "农民工工资专用账户发放|夏季调整作息避开高温",
	},
	{
		titles: "木工|模板工|装修木工|家具木工", occupation: "6-06-03-02", hire: "47|50|21", weight: 4,
		low: 7000, high: 11000, education: 0, years: 2, hours: "day", housed: 65, groups: "migrant",
		work: "支模、拆模，加固校正|吊顶、柜体、门套安装|操作推台锯、封边机生产板式家具", need: "独立看图下料|手艺好，收口细|家具厂岗位可收学徒", perk: "按平方结算|工具间统一保管",
	},
	{
		titles: "塔吊司机|施工电梯司机|信号工|起重工", occupation: "6-30-05-02", hire: "47|48|37", weight: 3,
		low: 7500, high: 10500, education: 1, years: 2, hours: "day|two_shift", housed: 75, groups: "veteran|migrant",
		work: "操作塔式起重机，服从信号指挥|班前检查限位、钢丝绳和制动|指挥吊装，确认吊点", need: "持建筑施工特种作业操作资格证|反应快，能登高作业|两年以上工地经历", perk: "有转场补贴|高处作业意外险",
	},
	{
		titles: "挖掘机司机|装载机司机|压路机操作手|推土机手", occupation: "6-30-05-05", hire: "48|47|10", weight: 4,
		low: 7500, high: 11000, education: 0, years: 2, hours: "day", housed: 80, groups: "migrant|veteran",
		work: "土方开挖、修坡、装车|配合路面摊铺碾压|设备日常保养，加注黄油", need: "两年以上操作经历，会修边坡|持培训合格证|服从现场调度", perk: "包吃住，工地配洗衣机|月休四天，调休可攒",
	},
	{
		titles: "水电工|水暖安装工|弱电施工员|消防安装工", occupation: "6-29-03-02", hire: "49|50|70|46", weight: 5,
		low: 6000, high: 9000, education: 1, years: 2, hours: "day", housed: 50, groups: "migrant|veteran",
		work: "室内给排水、电气线管敷设|暖气打压、调试，处理漏水|布放网线、监控、门禁|喷淋管道安装和试压", need: "持电工证|会用热熔机、套丝机|能接急修，会开小货车更好", perk: "急修单另有提成|配工具包和电动车",
	},
	{
		titles: "物业维修工|工程部水电维修|学校后勤维修", occupation: "6-31-01-03", hire: "70|83|84|61", weight: 5,
		low: 4200, high: 5800, education: 1, years: 1, hours: "day|two_shift", housed: 30, groups: "laid_off|veteran",
		work: "维修照明、门锁、管道等报修项目|巡查水泵房、配电室，抄表|配合电梯、消防维保", need: "持低压电工证|一专多能，脾气好|住得近，随叫随到", perk: "双休轮值|报修好评有奖",
	},
	{
		titles: "电梯维修工|电梯安装工|中央空调维修工|制冷维修工", occupation: "6-29-03-03", hire: "43|49|70", weight: 3,
		low: 5500, high: 9000, education: 3, years: 1, hours: "day|flexible", housed: 40, groups: "graduate|veteran",
		work: "电梯月检、半年检和应急救援|空调清洗、加氟、更换压缩机|冷库机组巡检，排除报警", need: "持特种设备作业证或制冷证|机电类专业应届生可培养|能轮流值夜班", perk: "公司出资考证|维保车辆和通讯补贴",
	},
	{
		titles: "施工员|安全员|资料员|质量员", occupation: "2-02-18-02", hire: "47|48|49", weight: 4,
		low: 5500, high: 9000, education: 4, years: 1, hours: "day", housed: 75, groups: "graduate",
		work: "现场放线、技术交底、工程量核对|巡查安全隐患，组织班前教育|收集整理施工资料，报验归档", need: "土建类大专以上，持岗位证书|会用绘图软件和办公软件|能常驻项目", perk: "考取建造师有奖励|项目探亲假每月四天",
	},
	{
		titles: "造价员|预算员|工程造价工程师", occupation: "2-02-30-10", hire: "47|48|74", weight: 2,
		low: 6000, high: 11000, education: 4, years: 2, hours: "day", housed: 30, groups: "graduate",
		work: "编制工程预结算，计算工程量|参与招投标，测算成本|审核分包结算和变更签证", need: "熟练使用造价软件|有二级造价工程师证优先|细致严谨", perk: "项目提成年终兑现",
	},
	{
		titles: "环卫工|道路清扫员|垃圾清运司机|扫路车司机", occupation: "4-09-08-01", hire: "78|77", weight: 5,
		low: 2800, high: 4500, education: 0, years: 0, hours: "day", housed: 10, groups: "laid_off|hardship|disabled",
		work: "负责路段清扫保洁，捡拾垃圾|驾驶洗扫车作业，冲洗垃圾桶|分类收运厨余垃圾", need: "能起早，四点半到岗|司机岗持C1以上驾照|身体健康，熟悉路段", perk: "户外劳动者驿站就近休息|工会夏送清凉、冬送温暖",
	},
	{
		titles: "园林绿化工|苗圃养护工|公园养护员|花艺师", occupation: "4-09-10-01", hire: "78|02|47", weight: 4,
		low: 3500, high: 5200, education: 0, years: 0, hours: "day", housed: 35, groups: "laid_off|migrant|hardship",
		work: "修剪绿篱、草坪，浇水施肥|栽植苗木，支撑绑扎，病虫害防治|操作割灌机、绿篱机|布置花坛和室内绿植", need: "认识常见苗木|会用园林机械|能晒太阳，勤快", perk: "雨天照常计工资|按季节发放防护用品",
	},
	{
		titles: "污水处理运行工|自来水厂运行工|供热站司炉工|锅炉工", occupation: "6-28-03-02", hire: "44|46|77", weight: 3,
		low: 4500, high: 6500, education: 3, years: 1, hours: "three_shift", housed: 35, groups: "veteran|laid_off",
		work: "巡检泵房、曝气和加药设备|监控锅炉水位压力，记录运行参数|取样送检，处理报警", need: "司炉岗持特种设备作业证|环境、给排水专业优先|服从倒班", perk: "四班三运转|供暖季奖金",
	},
	{
		titles: "矿山井下采掘工|井下电工|选矿操作工|破碎机操作工", occupation: "6-16-01-05", hire: "06|08|09|10", weight: 3,
		low: 8000, high: 13000, education: 1, years: 0, hours: "three_shift", housed: 80, groups: "veteran|migrant",
		work: "井下掘进、支护，遵守作业规程|维护井下供电和排水设备|操作破碎、球磨、浮选设备", need: "身体条件符合井下作业要求，入职前体检|持安全培训合格证|服从三班作业", perk: "下井津贴按班发放|班中餐免费，职工疗休养每年安排",
	},
}
