package demo

// officeTrades: offices, schools, computers.
var officeTrades = []trade{
	{
		titles: "会计|成本会计|总账会计|代账会计", occupation: "2-06-03-00", hire: "*", weight: 5,
		low: 4800, high: 8000, education: 4, years: 2, hours: "day", housed: 10, groups: "graduate",
		work: "审核原始凭证，登记账簿，编制报表|核算产品成本，分析差异|申报各项税款，配合审计|每人负责六十户小微企业记账", need: "会计专业，初级以上职称|熟练使用财务软件和表格函数|坚持原则，保守秘密", perk: "双休，法定假日正常放假|支持考取中级职称",
	},
	{
		titles: "出纳|财务助理|统计员|仓库会计", occupation: "2-06-03-00", hire: "*", weight: 4,
		low: 4000, high: 5500, education: 4, years: 0, hours: "day", housed: 10, groups: "graduate|disabled",
		work: "办理现金、银行收付，登记日记账|开具发票，催收回款|汇总产量、工时和能耗数据", need: "财会相关专业，有证者优先|细心，数字敏感|应届生可培养", perk: "朝九晚五半，午休一小时半",
	},
	{
		titles: "文员|办公室文员|行政专员|前台文员|内勤", occupation: "3-01-01-01", hire: "*", weight: 7,
		low: 3500, high: 5000, education: 4, years: 0, hours: "day", housed: 10, groups: "graduate|disabled|laid_off",
		work: "收发文件，起草通知，做会议记录|管理办公用品、印章和档案|接待来访，转接电话，安排会务|录入订单，跟踪发货", need: "熟练使用办公软件，文笔通顺|礼貌大方，条理清楚|大专以上，文秘或管理专业优先", perk: "双休，五险|办公楼无障碍，欢迎残疾人应聘",
	},
	{
		titles: "人事专员|招聘专员|薪酬专员|劳务协理员", occupation: "4-07-03-04", hire: "*", weight: 4,
		low: 4500, high: 7000, education: 4, years: 1, hours: "day", housed: 15, groups: "graduate",
		work: "发布岗位、筛选简历、组织面试|办理入离职、社保增减员|核算考勤和工资|配合工会做好集体合同和职代会材料", need: "熟悉劳动法律法规|亲和力强，会做表格|人力资源或法学专业优先", perk: "考取劳动关系协调师由单位报销",
	},
	{
		titles: "采购员|采购专员|采购跟单|供应链专员", occupation: "4-01-01-00", hire: "33|34|36|38|39|14|51|61", weight: 4,
		low: 4800, high: 7500, education: 4, years: 1, hours: "day", housed: 20, groups: "graduate",
		work: "询价比价，下单，跟踪到货|开发供应商，组织来厂审核|核对发票和对账单，申请付款", need: "懂机械、电气或食品原料其中一类|谈判能力好，廉洁自律|能短期出差", perk: "双休，年度旅游",
	},
	{
		titles: "外贸业务员|外贸跟单|单证员|跨境电商运营", occupation: "2-06-07-02", hire: "51|18|13|29|34", weight: 4,
		low: 5000, high: 10000, education: 4, years: 0, hours: "day|flexible", housed: 20, groups: "graduate",
		work: "用平台开发海外客户，报价、寄样|跟进订单排产、验货和订舱|制作报关单据，核对信用证|维护店铺，处理国外买家咨询", need: "英语四级以上，会韩语、日语、俄语者优先|国际贸易或语言类专业|抗压，有时差意识", perk: "提成透明，出单即算|每年参加广交会",
	},
	{
		titles: "软件开发工程师|前端开发|后端开发工程师|嵌入式软件工程师|小程序开发", occupation: "2-02-10-03", hire: "65|64|39", weight: 5,
		low: 8500, high: 17000, education: 5, years: 2, hours: "day|flexible", housed: 5, groups: "graduate",
		work: "承担政企业务平台的后端开发和接口联调|开发移动端页面，适配多种屏幕|编写单片机程序，调试硬件|参与需求评审、代码评审和上线值守", need: "计算机相关本科，两年以上项目经历|熟悉一门主流语言和数据库|会用版本管理，写得清楚注释", perk: "弹性打卡，双休|项目奖金加年终奖|每周技术分享",
	},
	{
		titles: "软件测试员|实施工程师|运维工程师|网络管理员", occupation: "4-04-05-02", hire: "65|64|84|83", weight: 4,
		low: 5500, high: 10000, education: 4, years: 1, hours: "day", housed: 10, groups: "graduate|disabled",
		work: "编写测试用例，执行功能和回归测试|到客户现场部署软件，培训使用人员|维护服务器、网络和打印机|处理工单，编写知识库", need: "计算机类大专以上|会基本的数据库查询和系统命令|能出差优先", perk: "内部认证与调薪挂钩",
	},
	{
		titles: "数据标注员|人工智能训练师|数据录入员", occupation: "4-04-05-05", hire: "65|64|72", weight: 3,
		low: 3800, high: 5500, education: 2, years: 0, hours: "day|part_time", housed: 20, groups: "disabled|graduate|hardship",
		work: "为图片、语音和文本做标注，按规则质检|整理问答语料，评价模型回答|录入纸质档案，校对文字", need: "打字每分钟五十字，仔细|可远程办公，需自备电脑|肢体障碍者可居家工作", perk: "按件计薪，保底|园区有无障碍宿舍",
	},
	{
		titles: "客服专员|呼叫中心坐席|热线接线员|在线客服", occupation: "4-04-05-03", hire: "64|65|72|63", weight: 6,
		low: 4000, high: 6000, education: 4, years: 0, hours: "two_shift|day", housed: 30, groups: "graduate|disabled|laid_off",
		work: "接听来电，解答咨询，记录诉求并派单|在线回复，引导自助办理|回访满意度，整理常见问题", need: "普通话标准，打字每分钟四十字|情绪稳定，善于倾听|可接受轮班", perk: "无销售任务|绩效优秀可转质检、培训岗",
	},
	{
		titles: "平面设计师|广告设计|室内设计师|包装设计", occupation: "4-08-08-08", hire: "72|50|65|22", weight: 3,
		low: 4500, high: 8500, education: 4, years: 1, hours: "day", housed: 10, groups: "graduate|disabled",
		work: "设计海报、画册、包装，跟踪打样|室内方案、效果图和施工图|配合电商做详情页", need: "熟练使用设计软件，投递时附作品|审美好，会听取意见|有印前经验优先", perk: "弹性上班|项目提成",
	},
	{
		titles: "小学教师|中学教师|职业学校专业教师|培训讲师", occupation: "2-08-02-04", hire: "83", weight: 5,
		low: 4500, high: 8000, education: 5, years: 0, hours: "day", housed: 35, groups: "graduate",
		work: "承担语文、数学或英语教学和班级管理|讲授机电、护理等专业课，带实训|备课、批改作业，与家长沟通|组织社团和延时服务", need: "持相应学段教师资格证|师范类本科优先|热爱教育，普通话达标|职业学校欢迎企业能工巧匠兼职任教", perk: "寒暑假，五险一金|提供教师公寓和三餐",
	},
	{
		titles: "银行柜员|大堂经理|理财经理|保险理赔员", occupation: "4-05-01-01", hire: "66|68", weight: 2,
		low: 5000, high: 9000, education: 5, years: 0, hours: "day", housed: 5, groups: "graduate",
		work: "办理存取款、开户等柜面业务|引导客户使用自助设备|查勘定损，协助客户准备理赔材料", need: "金融、经济类本科|举止得体，服务意识强|无不良信用记录", perk: "系统培训，岗位轮换",
	},
	{
		titles: "社区网格员|社区工作者|工会社会化工作者|公益岗位协理员", occupation: "3-01-04-01", hire: "94|96|72", weight: 3,
		low: 3200, high: 4800, education: 4, years: 0, hours: "day", housed: 0, groups: "graduate|veteran|hardship",
		work: "走访入户，采集信息，调解纠纷|服务辖区职工，宣传工会政策|协助办理社保、低保等事项|维护户外劳动者驿站", need: "热心群众工作，沟通能力好|持社会工作者证优先|熟悉本社区情况", perk: "缴纳五险一金|考取社工证每月补贴",
	},
	{
		titles: "导游|讲解员|景区检票员|研学辅导员", occupation: "4-07-04-01", hire: "72|78|88", weight: 3,
		low: 3800, high: 6500, education: 2, years: 0, hours: "flexible|day", housed: 45, groups: "graduate",
		work: "带团游览，讲解历史文化|检票、引导游客，维护秩序|组织中小学生研学活动", need: "导游证持有者优先|口才好，有亲和力|身体好，能走路", perk: "旺季带团补贴|免费游览合作景区",
	},
	{
		titles: "法务专员|企业安全主管|环保专员|体系工程师", occupation: "2-02-28-03", hire: "26|25|33|36|31", weight: 3,
		low: 6000, high: 10000, education: 4, years: 2, hours: "day", housed: 30, groups: "graduate|veteran",
		work: "排查治理事故隐患，组织演练|运行环保设施，准备监测台账|审核合同，处理纠纷|维护质量、环境和职业健康体系", need: "注册安全工程师优先|熟悉相关法规标准|写作和沟通能力好", perk: "持注册安全工程师证每月补贴1000元",
	},
}
