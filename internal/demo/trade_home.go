package demo

// homeTrades: homes, care, kitchens, safety and cleanliness.
var homeTrades = []trade{
	{
		titles: "家政服务员|住家保姆|钟点工|居家保洁师|做饭师傅", occupation: "4-10-01-06", hire: "80", weight: 8,
		low: 4500, high: 7000, education: 0, years: 0, hours: "flexible|part_time|day", housed: 40, groups: "laid_off|migrant|hardship",
		work: "打扫房间、洗衣做饭、采购食材|照看老人起居，陪同散步就医|住家，照顾三口之家，做两顿饭|每次上门四小时，擦玻璃、清洗厨房", need: "干净利索，会做家常菜|有健康证，会用常见家电|为人诚实，无不良记录", perk: "公司统一办理意外保险|先培训后上岗，发证书|每月休四天，节假日加倍",
	},
	{
		titles: "钟点保洁|小时工（保洁）|家庭钟点工", occupation: "4-10-01-06", hire: "80", weight: 3, per: "hour",
		low: 30, high: 45, education: 0, hours: "part_time|flexible", groups: "laid_off|hardship",
		work: "按预约上门打扫，一次两到四小时|擦洗油烟机、卫生间和窗户|自带工具，公司统一配发清洁剂", need: "会用导航，能骑电动车|动作快，收拾得干净|时间自己选，周末能接单更好", perk: "当天完工当天结账|单量多的每周另有奖励",
	},
	{
		titles: "月嫂|母婴护理员|育婴员|催乳师", occupation: "4-10-01-01", hire: "80|84", weight: 6,
		low: 7500, high: 13000, education: 1, years: 1, hours: "flexible", housed: 80, groups: "laid_off|migrant",
		work: "照顾产妇饮食和休养，做月子餐|新生儿喂养、洗澡、抚触和黄疸观察|指导新手父母换尿布、拍嗝|整理母婴房间，清洗消毒奶瓶", need: "持母婴护理或育婴证书|有耐心，爱孩子，能熬夜|会做月子餐，讲究卫生|需提供体检报告", perk: "按星级定价，二十六天一单|公司派单不断档，休息自定",
	},
	{
		titles: "养老护理员|护理院护工|居家养老照护员|失智老人照护员", occupation: "4-10-01-05", hire: "84|85", weight: 7,
		low: 4500, high: 7000, education: 0, years: 0, hours: "two_shift|day", housed: 70, groups: "laid_off|migrant|hardship",
		work: "协助失能老人进食、翻身、洗浴|测量血压体温，做好照护记录|组织手工、唱歌等活动|居家上门照护，每户两小时", need: "有爱心、耐心，不怕脏累|有养老护理员证书的按等级补贴|会用轮椅、移位机更好", perk: "政府按规定发放从业人员补贴|包吃住，两人一间",
	},
	{
		titles: "医院护工|病房陪护|医疗护理员", occupation: "4-14-01-02", hire: "84", weight: 4, per: "day",
		low: 160, high: 260, education: 0, years: 0, hours: "flexible|two_shift", housed: 60, groups: "laid_off|migrant",
		work: "照顾住院病人起居，协助翻身叩背|陪同检查、取药、送标本|一对一或一对多陪护，二十四小时轮换", need: "身体好，能熬夜|接受院内感染防护培训|有陪护经历优先", perk: "按天结算，不压工资|医院食堂就餐享职工价",
	},
	{
		titles: "保洁员|写字楼保洁|医院保洁|商场保洁员|校园保洁", occupation: "4-09-08-01", hire: "70|78|72|84|83", weight: 9,
		low: 2800, high: 4200, education: 0, years: 0, hours: "day|two_shift", housed: 20, groups: "laid_off|hardship|disabled",
		work: "负责楼层地面、卫生间和电梯的清洁|收集清运垃圾，做好分类|使用洗地机，定期打蜡|医院环境消毒，按颜色区分抹布", need: "勤快，干净，守时|会用清洁药剂，注意安全|身体硬朗，退休人员按劳务协议录用", perk: "每天工作八小时，中午休息|发放工作服和防滑鞋",
	},
	{
		titles: "保安员|小区秩序维护员|园区保安|门卫|停车场管理员", occupation: "4-07-05-01", hire: "70|72|83|84", weight: 8,
		low: 3200, high: 5000, education: 1, years: 0, hours: "two_shift|three_shift", housed: 60, groups: "veteran|laid_off",
		work: "门岗登记、车辆引导，夜间巡逻|监控室值守，发现异常及时报告|维持就诊、上学时段秩序|协助消防检查和演练", need: "持保安员证，没有的由公司组织考取|无犯罪记录|退役军人优先录用为班长", perk: "包住，食堂餐补|做二休一",
	},
	{
		titles: "消防中控员|消防设施操作员|监控室值班员", occupation: "4-07-05-03", hire: "70|72|84|61", weight: 3,
		low: 4000, high: 5800, education: 2, years: 1, hours: "two_shift", housed: 30, groups: "veteran",
		work: "值守消防控制室，处置报警信号|每日检查消防泵、喷淋和防排烟系统|填写值班记录，配合维保", need: "持消防设施操作员四级以上证书|熟悉应急处置程序|能上夜班", perk: "上一休二|持三级证每月加500元",
	},
	{
		titles: "餐厅服务员|传菜员|酒店服务员|火锅店服务员|迎宾员", occupation: "4-03-02-05", hire: "61|62", weight: 10,
		low: 3800, high: 5500, education: 0, years: 0, hours: "two_shift|part_time", housed: 70, groups: "migrant|graduate|hardship",
		work: "摆台、点菜、上菜、收台，照看好客人|传菜核对台号，保持传菜通道整洁|宴会布置和撤场|推荐菜品，收集客人意见", need: "热情大方，手脚麻利|持健康证|兼职学生每天四小时即可", perk: "包吃住，宿舍步行五分钟|酒水提成和小费归个人|生日当天带薪休假",
	},
	{
		titles: "厨师|炒锅厨师|单位食堂厨师|鲁菜厨师|凉菜师傅", occupation: "4-03-02-01", hire: "61|62|83|72", weight: 8,
		low: 6000, high: 10000, education: 0, years: 3, hours: "day|two_shift", housed: 60, groups: "migrant|veteran",
		work: "负责热菜炒制，按标准出菜|制定食堂每周菜谱，控制成本|制作凉菜、卤味，掌握调味|带领打荷、切配，检查后厨卫生", need: "三年以上掌勺经历，会做鲁菜或大锅菜|持健康证，中式烹调师证优先|能接受试菜", perk: "食堂岗位双休，不上夜班|年终按毛利给奖金",
	},
	{
		titles: "切配工|帮厨|洗碗工|后厨打荷|食堂面案", occupation: "4-03-02-05", hire: "61|62|83|72", weight: 7,
		low: 3500, high: 5000, education: 0, years: 0, hours: "day|two_shift", housed: 55, groups: "laid_off|migrant|hardship|disabled",
		work: "洗菜、切菜、配菜，备齐开餐用料|餐具清洗、消毒、入柜|协助厨师打荷，清理灶台|打饭、售饭，收拾大厅", need: "勤快能干，讲卫生|有健康证|熟练工直接上岗", perk: "工作餐免费|午后休息两小时",
	},
	{
		titles: "客房服务员|民宿管家|酒店前台|宾馆保洁", occupation: "4-03-01-02", hire: "61", weight: 5,
		low: 3500, high: 5200, education: 0, years: 0, hours: "day|two_shift", housed: 60, groups: "laid_off|graduate",
		work: "整理客房、换洗布草、补充用品|办理入住退房，解答旅客咨询|接送海边民宿客人，打理早餐", need: "整洁细心，能爬楼|前台需会简单电脑操作|有旅游旺季经历优先", perk: "按间计件，超额有奖|淡季可调休回家",
	},
	{
		titles: "美容师|美发师|足疗技师|健身教练", occupation: "4-10-03-01", hire: "80|89", weight: 3,
		low: 4500, high: 9000, education: 0, years: 1, hours: "two_shift", housed: 55, groups: "graduate",
		work: "为顾客做皮肤护理，推荐合适项目|剪发、烫染，保持工具消毒|指导会员训练，制订计划", need: "有从业证书或一年以上经历|待人亲切，注意仪容整洁|学徒包教", perk: "提成比例高，周结|每月两次技术培训",
	},
	{
		titles: "护士|门诊护士|病房护士|社区护士|养老院护士", occupation: "2-05-08-01", hire: "84|85", weight: 6,
		low: 5000, high: 8000, education: 4, years: 1, hours: "three_shift|two_shift", housed: 35, groups: "graduate",
		work: "执行医嘱，输液、换药、采血|观察病情，书写护理记录|参与家庭医生签约，上门随访|预防接种登记和留观", need: "持护士执业证书|全日制护理专业大专以上|有急诊或重症经历优先", perk: "五险一金，夜班费按次发放|优秀者可纳入人员控制总量管理",
	},
	{
		titles: "全科医生|口腔医生|中医师|康复治疗师|药师", occupation: "2-05-01-19", hire: "84|52", weight: 3,
		low: 7500, high: 14000, education: 5, years: 2, hours: "day", housed: 25, groups: "graduate",
		work: "承担门诊常见病诊治和慢病管理|口腔修复、种植辅助和宣教|为脑卒中患者做功能训练|审核处方，指导合理用药", need: "具有相应执业资格证书|规范化培训合格|医德好，沟通耐心", perk: "提供人才公寓|专家坐诊带教，支持进修",
	},
	{
		titles: "幼儿园教师|保育员|托育师|早教老师", occupation: "2-08-03-00", hire: "83|85", weight: 6,
		low: 3500, high: 5500, education: 4, years: 0, hours: "day", housed: 15, groups: "graduate",
		work: "组织幼儿一日活动，设计游戏课程|照顾午睡、进餐，做好晨检|与家长沟通，记录成长档案|打扫消毒活动室", need: "持幼儿园教师资格证，保育员持保育师证|喜欢孩子，会弹唱更好|普通话二级乙等以上", perk: "寒暑假带薪|子女入园优惠",
	},
}
