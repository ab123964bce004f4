package demo

// roadTrades: driving, parcels, warehouses, shops.
var roadTrades = []trade{
	{
		titles: "快递员|快递派件员|收派员|网点快递员", occupation: "4-02-07-08", hire: "60", weight: 10,
		low: 5500, high: 9000, education: 1, years: 0, hours: "day|flexible", housed: 35, groups: "migrant|veteran|laid_off",
		work: "负责片区内快件的派送和揽收|早上到网点扫描装车，晚上交件对账|使用手持终端，联系客户约定时间|大客户上门取件，打印面单", need: "会骑电动三轮车，熟悉当地道路|会用智能手机|态度好，不抛扔快件|愿意起早", perk: "底薪加计件，派件一元起|单位为快递员办理工伤保险和意外险|站点设有户外劳动者服务驿站，可休息热饭",
	},
	{
		titles: "外卖骑手|网约配送员|商超配送员|同城跑腿员", occupation: "4-10-08-01", hire: "60|64", weight: 7,
		low: 5500, high: 9500, education: 0, years: 0, hours: "flexible|part_time", housed: 20, groups: "migrant|laid_off|graduate",
		work: "在三公里范围内配送餐食和生鲜|按系统派单取餐、送达，礼貌沟通|恶劣天气按安全提示减速慢行", need: "自有电动车优先，没有可租|熟悉导航软件|遵守交通规则，戴好头盔", perk: "可选全职或兼职，按单结算|参加新就业形态人员职业伤害保障|司机骑手驿站免费饮水、充电、换药",
	},
	{
		titles: "快件分拣员|分拨中心操作员|夜班分拣员", occupation: "4-02-07-02", hire: "60|59", weight: 6,
		low: 5000, high: 6800, education: 0, years: 0, hours: "night|two_shift", housed: 55, groups: "migrant|hardship",
		work: "扫描、分拣、建包，按流向装笼|看护自动分拣线，处理异形件|卸车、装车，核对封签", need: "能上夜班，晚八点到早五点|手脚麻利，认识地名|学生假期工可报", perk: "夜宵免费|工作满三个月可转操作组长",
	},
	{
		titles: "叉车司机|叉车工|仓库叉车司机|高位叉车司机", occupation: "6-30-05-01", hire: "59|51|13|14|29|30|31|33|36", weight: 8,
		low: 5500, high: 7800, education: 1, years: 1, hours: "day|two_shift", housed: 45, groups: "veteran|migrant",
		work: "驾驶三吨叉车装卸原料和成品|把托盘码放到高位货架，核对库位|叉车日检、充电、加水，保持清洁|协助仓管盘点", need: "持特种设备作业人员证（N1）|一年以上叉车经历，会开侧移叉|安全行驶，不载人、不超速|会用手持扫描枪", perk: "按托盘数计奖|每年组织一次复审培训",
	},
	{
		titles: "仓库管理员|仓管员|库管|保管员", occupation: "4-02-06-01", hire: "*", weight: 7,
		low: 4300, high: 6200, education: 2, years: 1, hours: "day", housed: 35, groups: "laid_off|veteran",
		work: "负责物料的收发存，做到账物相符|录入进销存软件，打印单据|每月盘点，呆滞物料上报|指导装卸工码放，保持通道畅通", need: "会用办公软件，打字熟练|细心负责，能搬一些轻物|有叉车证更好", perk: "常白班，月休四到六天|公交站就在门口",
	},
	{
		titles: "装卸工|搬运工|配货员|理货员", occupation: "4-02-05-01", hire: "59|51|52|58|55", weight: 7,
		low: 5000, high: 7500, education: 0, years: 0, hours: "day|night", housed: 45, groups: "migrant|hardship",
		work: "货物装卸、搬运、码放，使用液压车|按单配货、复核，贴上目的地标签|港口集装箱拆箱装箱|清点数量，发现破损及时拍照", need: "有力气，能吃苦|服从安排，可接受晚班|识字，会写收货单", perk: "按吨计酬，多劳多得|夏季避开高温时段作业",
	},
	{
		titles: "货车司机|B2货车司机|A2半挂司机|城配司机|冷藏车司机", occupation: "4-02-02-02", hire: "54|58|60|51", weight: 8,
		low: 7000, high: 12000, education: 0, years: 2, hours: "day|flexible", housed: 30, groups: "veteran|migrant|laid_off",
		work: "驾驶厢式货车往返固定线路，一天一趟|半挂干线运输，双驾轮换|配送商超和门店，协助卸货|出车前检查轮胎、灯光、制动，填写行车日志", need: "持相应准驾车型驾驶证和货运从业资格证|三年内无重大责任事故|熟悉省内道路，不疲劳驾驶", perk: "车辆、油料由公司承担|安全里程奖每季度发放|司机之家提供淋浴和洗衣",
	},
	{
		titles: "公交车驾驶员|客车司机|通勤班车司机|校车驾驶员", occupation: "4-02-02-01", hire: "54|78", weight: 4,
		low: 5500, high: 8000, education: 1, years: 3, hours: "two_shift|day", housed: 20, groups: "veteran|laid_off",
		work: "驾驶城区公交线路，按时刻表发车|企业通勤班车早晚各一趟|做好车辆例保和车厢卫生|帮助老年乘客上下车", need: "A1或A3驾驶证，三年以上驾龄|服务热情，普通话流利|近三个周期无满分记录", perk: "五险一金，工龄工资|家属免费乘坐本公司公交",
	},
	{
		titles: "小车司机|驾驶员|办公室司机|网约车司机", occupation: "4-02-02-01", hire: "*", weight: 4,
		low: 4500, high: 7000, education: 1, years: 2, hours: "day|flexible", housed: 15, groups: "veteran",
		work: "负责公务接待和日常用车|车辆保养、年检、加油登记|闲时协助办公室跑腿办事", need: "C1以上驾照，五年以上驾龄|熟悉本地路线，不饮酒|退役军人优先", perk: "工作日通勤时间稳定|误餐另有补助",
	},
	{
		titles: "物流调度员|运输调度|物流客服|货运跟单员", occupation: "4-02-02-05", hire: "54|58|59|60", weight: 3,
		low: 4800, high: 7000, education: 4, years: 1, hours: "day|two_shift", housed: 25, groups: "graduate",
		work: "安排车辆和司机，跟踪在途|联系客户确认提货、签收，处理异常|核对运单，整理对账资料", need: "熟悉物流系统，打字快|应变能力强，电话沟通好|大专学历，物流管理专业优先", perk: "晋升通道：调度—主管—站长",
	},
	{
		titles: "营业员|超市营业员|家电导购|服装导购员|药店店员", occupation: "4-01-02-03", hire: "52", weight: 8,
		low: 3800, high: 6000, education: 1, years: 0, hours: "two_shift|day", housed: 15, groups: "laid_off|graduate",
		work: "接待顾客，介绍商品，协助试穿试用|整理货架，检查保质期，补货|收集顾客意见，办理退换|盘点对账，打扫卫生", need: "普通话标准，待人热情|有导购经历优先|能站立工作", perk: "底薪加提成|早晚班轮换，每周休一天|员工内购价",
	},
	{
		titles: "收银员|超市收银员|餐厅收银员", occupation: "4-01-02-04", hire: "52|62|61", weight: 4,
		low: 3600, high: 4800, education: 2, years: 0, hours: "two_shift|part_time", housed: 15, groups: "laid_off|graduate|disabled",
		work: "扫码结算，核对钱款，交班盘账|办理会员卡，解答顾客疑问|整理收银台，协助装袋", need: "算账清楚，不出差错|会操作电脑|耐心，有亲和力", perk: "可按小时排班，方便照顾家庭",
	},
	{
		titles: "销售代表|业务员|区域销售|客户经理|销售工程师", occupation: "4-01-02-01", hire: "51|34|35|26|65|68|70", weight: 8,
		low: 5000, high: 12000, education: 2, years: 0, hours: "day|flexible", housed: 15, groups: "graduate|veteran",
		work: "开发本地客户，拜访终端，签订合同并回款|维护老客户，收集市场信息|参加展会，配合技术人员做方案|跟进订单生产、发货和售后", need: "口齿清楚，肯跑市场|有驾照更好|不怕拒绝，学习能力强|机电或化工背景可做技术型销售", perk: "底薪加提成，上不封顶|出差实报实销|新人有三个月保护期",
	},
	{
		titles: "电商运营|网店运营专员|直播带货主播|电商客服|短视频剪辑", occupation: "4-01-06-01", hire: "52|64|51|18", weight: 6,
		low: 4500, high: 9000, education: 4, years: 1, hours: "day|two_shift", housed: 20, groups: "graduate|disabled",
		work: "负责店铺商品上架、活动报名和推广|直播间讲解商品，回答弹幕，协助选品|拍摄剪辑短视频，撰写文案|售前售后咨询，处理退换货", need: "熟悉一到两个平台的规则|会简单修图剪辑|思维活跃，打字每分钟六十字以上", perk: "业绩提成按月结算|办公区有健身房和茶水间",
	},
	{
		titles: "汽车维修工|汽车机修工|钣金工|汽车美容技师|新能源汽车维修工", occupation: "4-12-01-01", hire: "81|52", weight: 5,
		low: 5000, high: 9000, education: 3, years: 1, hours: "day", housed: 45, groups: "graduate|veteran",
		work: "车辆保养、发动机和底盘维修|钣金修复、喷漆前处理|使用诊断仪读取故障码，排除电路故障|洗车、抛光、贴膜", need: "汽修专业或两年以上经历|有驾照|持低压电工证可修新能源车|学徒欢迎，需能坚持", perk: "提成按工时单价计算|厂家免学技术培训，考证有奖励",
	},
	{
		titles: "加油员|加油站营业员|充电站值守员", occupation: "4-02-02-08", hire: "52", weight: 3,
		low: 4000, high: 5500, education: 1, years: 0, hours: "three_shift|two_shift", housed: 40, groups: "laid_off|veteran",
		work: "引导车辆、加油、结算|销售便利店商品，整理货架|巡查油罐和消防器材，记录台账|协助司机使用充电桩", need: "安全意识强，上岗不带火种|能上夜班|礼貌待客", perk: "上一休一，时间充裕|量效奖金每月公布",
	},
}
