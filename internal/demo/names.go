package demo

import "fmt"

// Surnames by their rough share in Shandong, the frequent ones first.
const (
	frequentSurnames = "王|王|王|王|张|张|张|李|李|李|刘|刘|刘|孙|孙|陈|杨|赵|赵|徐|于|马|高|宋|朱|郭"
	otherSurnames    = "周|吴|韩|姜|曲|林|丁|吕|曹|胡|董|崔|孔|孟|颜|隋|迟|辛|邵|宫|程|袁|冯|许|潘|田|任|范|石|冷|付|段|侯|邢|牟|耿|贾|苏|窦|初|盖|矫|訾|厉|庄|鞠|栾|逄|钟|房|柳|闫|卢|蔡|魏|薛|常|殷|谭|毕|路|尹|贺|金|夏"
	compoundSurnames = "欧阳|尉迟|公孙|司马|诸葛"
	menCharacters    = "伟|强|磊|军|勇|涛|斌|鹏|浩|凯|健|峰|明|辉|刚|平|东|海|波|亮|超|建|国|志|学|文|光|金|成|立|新|永|春|振|瑞|泽|宇|晨|轩|博|子|俊|嘉|昊|旭|兴|传|敬|守|宝|长"
	womenCharacters  = "芳|娟|敏|静|丽|艳|霞|燕|玲|红|梅|莉|萍|云|凤|兰|英|洁|慧|颖|雪|琳|婷|倩|玉|秀|桂|淑|爱|香|欣|怡|涵|雨|佳|梦|思|可|晓|文|美|春|月|巧|翠|蕾|莹|爽|萌|宁"
)

// name makes a personal name; sex is M or F.
func (d dice) name(sex string) string {
	surname := d.word(frequentSurnames)
	switch n := d.IntN(100); {
	case n >= 99:
		surname = d.word(compoundSurnames)
	case n >= 60:
		surname = d.word(otherSurnames)
	}
	characters := menCharacters
	if sex == "F" {
		characters = womenCharacters
	}
	first := d.word(characters)
	if d.chance(18) {
		return surname + first
	}
	return surname + first + d.word(characters)
}

func (d dice) sex() string {
	if d.chance(44) {
		return "F"
	}
	return "M"
}

// crowdPhone is the number of the nth made-up person. The block 1990 xxx xxxx
// stands for the demonstration: no message ever leaves its outbox.
func crowdPhone(n int) string { return fmt.Sprintf("1990%07d", n) }
