package demo

// plantTrades: textiles, food, chemicals, materials, farms and fish.
var plantTrades = []trade{
	{
		titles: "缝纫工|平车工|缝纫机车工|服装厂车位工|羽绒服缝制工", occupation: "6-05-01-03", hire: "18|17|19", weight: 9,
		low: 5000, high: 8000, education: 1, years: 1, hours: "day", housed: 55, groups: "migrant|laid_off|disabled",
		work: "使用电脑平车完成上衣、裤装的缝制|按工序流水作业，保证针距和线迹整齐|打边、锁眼、钉扣等辅助工序|小件可带回家做，按件结算", need: "会踩平车或四线机|熟手当天可上机，生手有老师教|心细，缝份均匀", perk: "计件工资，熟手月入八千以上|车间有空调，每天工作不超过九小时|距小学步行十分钟，方便接送孩子",
	},
	{
		titles: "裁剪工|服装裁床工|自动裁床操作员", occupation: "6-05-01-02", hire: "18", weight: 3,
		low: 5500, high: 8000, education: 1, years: 2, hours: "day", housed: 40, groups: "laid_off",
		work: "拉布、铺料、画样，使用电剪裁片|操作自动裁床，排料节约面料|裁片编号、分包，交接到缝制车间", need: "会使用电剪，两年以上经历|懂排料，节约用布|做事有条理", perk: "节约面料按比例给予奖励",
	},
	{
		titles: "挡车工|细纱挡车工|织布工|络筒工|纺织操作工", occupation: "6-04-02-01", hire: "17|28", weight: 6,
		low: 4800, high: 6800, education: 1, years: 0, hours: "three_shift", housed: 65, groups: "migrant|laid_off",
		work: "巡回看台，接头、换筒、清洁，保证开台率|看管喷气织机，处理断经断纬|操作自动络筒机，检查筒子成形", need: "手脚利索，视力良好|能适应三班运转|有纺织厂经历的直接定级", perk: "四班三运转，上六休二|全国纺织行业技能竞赛选手由车间选拔",
	},
	{
		titles: "印染工|染色操作工|定型机挡车工", occupation: "6-04-06-02", hire: "17", weight: 2,
		low: 5500, high: 7800, education: 1, years: 1, hours: "two_shift", housed: 55, groups: "migrant",
		work: "按处方称料、化料，操作染缸|看管定型机，控制温度、车速和门幅|对色、取样，记录工艺参数", need: "能分辨色差|有染厂经历优先|按规定穿戴防护用品", perk: "高温岗位津贴按月发放",
	},
	{
		titles: "食品加工工|肉制品车间操作工|速冻食品工|水饺车间操作工", occupation: "6-02-03-02", hire: "13|14", weight: 8,
		low: 4500, high: 6500, education: 1, years: 0, hours: "day|two_shift", housed: 60, groups: "migrant|laid_off|hardship",
		work: "在低温车间分割、修整、称重和装盘|看护成型机，挑拣残次，摆盘入速冻库|按卫生规范洗手消毒、更衣|包装、贴标、装箱码垛", need: "持健康证，没有的由公司统一办理|能适应十二度左右的低温车间|讲卫生，不留长指甲", perk: "低温津贴每天15元|每天产品内购价，逢节发放礼盒",
	},
	{
		titles: "屠宰工|分割工|鸡肉分割操作工", occupation: "6-01-04-01", hire: "13", weight: 4,
		low: 5500, high: 7800, education: 1, years: 0, hours: "day", housed: 60, groups: "migrant",
		work: "流水线上分割鸡胸、鸡腿，计件核算|清洗消毒刀具，保持工位清洁|挑选分级，真空包装", need: "会用分割刀，生手可学|能早起，早六点到岗|持健康证上岗", perk: "计件工资，日清月结|提供工作服、雨靴和防割手套",
	},
	{
		titles: "面点师|馒头房师傅|烘焙师|裱花师", occupation: "4-03-02-02", hire: "14|61|62", weight: 5,
		low: 5000, high: 7800, education: 0, years: 2, hours: "day", housed: 50, groups: "migrant",
		work: "和面、成型、蒸制，供应早餐和午餐|制作蛋糕坯、裱花、装饰，按订单出品|控制发酵和烘烤温度，把好出品关", need: "一年以上面点或烘焙经历|会做三种以上面食|持健康证", perk: "早班凌晨四点到中午，下午自由|门店销售有提成",
	},
	{
		titles: "酿酒工|啤酒灌装工|饮料灌装操作工|发酵工", occupation: "6-02-06-04", hire: "15", weight: 3,
		low: 5000, high: 7000, education: 3, years: 0, hours: "three_shift", housed: 45, groups: "graduate|veteran",
		work: "操作灌装线，监控液位、封盖和喷码|负责糖化、发酵过程的取样和记录|设备清洗消毒，交接班", need: "食品、生物、机电专业优先|能倒班|手脚麻利，反应快", perk: "旺季有产量奖|每年两次酒水福利",
	},
	{
		titles: "化工操作工|中控操作员|化工总控工|装置外操", occupation: "6-11-01-03", hire: "25|26|27", weight: 7,
		low: 6500, high: 9500, education: 4, years: 1, hours: "three_shift", housed: 50, groups: "graduate|veteran",
		work: "监控集散控制系统，调整温度、压力和流量|现场巡检，切换机泵，取样送检|严格执行操作规程和交接班制度|参加应急演练，会使用空气呼吸器", need: "化工、仪表类大专及以上|有危险化学品作业经历优先|能适应四班两运转|持化工总控工证书者定级上浮", perk: "入职三级安全教育，考核合格上岗|安全绩效奖按月兑现|外地员工安排两人间公寓",
	},
	{
		titles: "化验员|分析检验员|实验室检测员|水质化验员", occupation: "6-31-03-01", hire: "25|26|27|14|13|46", weight: 4,
		low: 4800, high: 7000, education: 4, years: 1, hours: "day|three_shift", housed: 30, groups: "graduate",
		work: "对原料、中间品和成品取样分析，出具报告|使用气相、液相色谱仪，维护校准仪器|配制标准溶液，管理试剂台账", need: "化学、食品、环境类专业|熟悉滴定和仪器分析|认真细致，数据如实记录", perk: "实验室环境好，双休|鼓励考取检验检测类证书",
	},
	{
		titles: "制药操作工|药品包装工|固体制剂操作工|洁净区操作员", occupation: "6-12-03-00", hire: "27", weight: 4,
		low: 4800, high: 6800, education: 3, years: 0, hours: "two_shift|day", housed: 45, groups: "graduate",
		work: "在洁净区完成称量、制粒、压片|看护铝塑包装线，挑拣残片|填写批生产记录，清场消毒", need: "中专以上，药学、化学专业优先|遵守药品生产质量管理规范|不化妆，不佩戴饰品进洁净区", perk: "车间全年恒温|年底双薪",
	},
	{
		titles: "水泥厂巡检工|搅拌站操作员|混凝土试验员", occupation: "6-15-01-06", hire: "30", weight: 3,
		low: 5500, high: 7500, education: 3, years: 1, hours: "three_shift", housed: 50, groups: "veteran",
		work: "操作搅拌楼按配合比拌料，与现场联系发车|巡检窑磨设备，记录振动和温度|制作试块，做坍落度、强度试验", need: "会操作工控软件|有试验员证优先|吃苦耐劳", perk: "岗位粉尘检测公开，配防尘面具",
	},
	{
		titles: "陶瓷成型工|施釉工|窑炉工|琉璃制作学徒", occupation: "6-15-05-02", hire: "30", weight: 2,
		low: 4800, high: 7000, education: 1, years: 0, hours: "day", housed: 40, groups: "laid_off|disabled",
		work: "注浆、脱模、修坯，轻拿轻放|手工施釉和喷釉，检查釉面|看管辊道窑，调节烧成曲线", need: "手稳心细，有美术基础更好|愿意学一门手艺|熟手按件定价", perk: "学徒期保底4500元|作品可参加行业评比",
	},
	{
		titles: "造纸工|纸箱机长|印刷机长|糊盒工", occupation: "6-07-02-00", hire: "22|23", weight: 3,
		low: 5500, high: 8500, education: 1, years: 1, hours: "two_shift", housed: 50, groups: "migrant",
		work: "操作水印开槽机，调墨、调版、首检|看护糊箱机，抽检粘合强度|负责胶印机装版、校色和保养", need: "机长岗要求三年经历，助手可学|不色弱|能配合赶单", perk: "机长享受产量提成|助手一年可考机长",
	},
	{
		titles: "钢厂轧钢工|炉前工|行车工|铝型材挤压工", occupation: "6-17-09-02", hire: "31|32", weight: 4,
		low: 7000, high: 10500, education: 1, years: 0, hours: "three_shift", housed: 60, groups: "veteran|migrant",
		work: "操作轧机，监控温度和尺寸|炉前测温取样，配合出钢|挤压机上料、拉伸、锯切|指挥和操作行车，吊运坯料", need: "持起重机械证可应聘行车工|适应高温和噪声环境|退役军人、熟练工优先", perk: "五险一金，按实际工资缴纳|高温津贴、倒班补贴合计每月约千元",
	},
	{
		titles: "包装工|打包工|码垛工|成品包装普工", occupation: "6-31-05-00", hire: "13|14|18|22|26|27|29|39|51", weight: 8,
		low: 4200, high: 6000, education: 1, years: 0, hours: "day|two_shift", housed: 45, groups: "migrant|laid_off|disabled|hardship",
		work: "产品装箱、封口、贴标，搬运到托盘|扫码核对数量，防止混装漏装|打扫工位，整理包装材料", need: "能搬运二十公斤以内的箱子|会简单算数|临时工、暑期工也可报名", perk: "日薪可周结|工位可坐可站，适合不同身体条件的职工",
	},
	{
		titles: "蔬菜大棚管理员|温室种植工|果园管理员|农技员", occupation: "5-01-02-02", hire: "01|05", weight: 4,
		low: 4000, high: 6000, education: 0, years: 0, hours: "day|flexible", housed: 60, groups: "migrant|laid_off|hardship",
		work: "负责番茄、黄瓜大棚的整枝、授粉和采收|管理水肥一体化设备，记录温湿度|苹果疏花、套袋、摘袋和分级|指导农户用药用肥，做好台账", need: "有种植经验，会开农用三轮车更好|能吃苦，早出晚归|农学专业可从技术员做起", perk: "农忙时另计工钱|提供田边宿舍，家属可同住",
	},
	{
		titles: "饲养员|猪场饲养员|鸡舍管理员|奶牛挤奶工", occupation: "5-03-02-01", hire: "03", weight: 4,
		low: 5500, high: 7800, education: 0, years: 0, hours: "day", housed: 95, groups: "migrant|hardship",
		work: "喂料、清粪、巡栏，观察猪群健康|控制鸡舍温度和通风，捡蛋分级|操作挤奶设备，消毒乳头和管路", need: "能接受封闭管理，每月集中休息四天|有养殖经历优先|家属可一同安排岗位", perk: "包吃住，成绩奖按批次发放",
	},
	{
		titles: "海水养殖工|扇贝养殖工|网箱养殖员|海带加工工", occupation: "5-04-02-01", hire: "04|13", weight: 3,
		low: 6000, high: 9000, education: 0, years: 0, hours: "day|flexible", housed: 85, groups: "migrant",
		work: "随船出海投苗、换笼、收获|维护浮筏和网箱，清洗附着物|海带晾晒、切割、包装", need: "不晕船，会游泳|接受跟潮作业，时间不固定|有船员证优先", perk: "管吃管住，出海另有补贴|收获季奖金三千元起",
	},
	{
		titles: "水产品加工工|鱼片车间操作工|冷库搬运工", occupation: "6-01-05-01", hire: "13", weight: 4,
		low: 4800, high: 6800, education: 0, years: 0, hours: "day", housed: 65, groups: "migrant|laid_off",
		work: "解冻、去皮、开片，检查有无鱼刺|称重装袋，速冻入库|冷库内码货、盘点，配发防寒服", need: "能适应低温潮湿环境|持健康证|手快的计件收入高", perk: "低温岗位津贴|中午免费工作餐",
	},
	{
		titles: "光伏组件操作工|电池片分选员|储能电池装配工", occupation: "6-24-02-04", hire: "38|39", weight: 4,
		low: 5500, high: 7500, education: 3, years: 0, hours: "two_shift", housed: 65, groups: "graduate|veteran|migrant",
		work: "操作串焊机、层压机，检查外观|电池片分选、排版、贴胶带|电芯堆叠、模组装配和下线检测", need: "中专以上，熟悉自动化设备更好|能倒班，能穿洁净服|应届毕业生可签就业协议", perk: "新能源工厂，管理规范|每季度评选技术能手",
	},
}
