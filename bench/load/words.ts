/** Texts of words as people use them: a few very often and most hardly ever, by Zipf's law. The same ones each time. */

/** Numbers from 0 to 1, without 1. */
export const numbersFrom = (seed: number): () => number => {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

const vocabulary = 50_000
const onsets = ["b", "c", "d", "f", "g", "h", "l", "m", "n", "p", "r", "s", "t", "v", "w", "st", "tr", "ch", "sh", "pl"]
const vowels = ["a", "e", "i", "o", "u", "ea", "ou", "ai", "é"]
const ends = ["", "n", "r", "s", "t", "l", "nd", "ng", "ck", "m"]

/** The word of this rank; the common ones are short, and no two are the same. */
export const wordOf = (rank: number): string => {
  let left = rank
  let word = ""
  do {
    word += onsets[left % onsets.length]!
    left = Math.floor(left / onsets.length)
    word += vowels[left % vowels.length]!
    left = Math.floor(left / vowels.length)
  } while (left > 0)
  return word + ends[rank % 7]! + (rank > 2_000 ? "o" + ends[(rank * 3) % 10]! : "")
}

const words = Array.from({ length: vocabulary }, (_, rank) => wordOf(rank))

/** How often a word comes is as 1 to its rank. */
const ranks = (() => {
  const sums = new Float64Array(vocabulary)
  let sum = 0
  for (let rank = 0; rank < vocabulary; rank++) sums[rank] = sum += 1 / (rank + 1)
  return { sums, sum }
})()

const rankAt = (part: number): number => {
  const wanted = part * ranks.sum
  let [low, high] = [0, vocabulary - 1]
  while (low < high) {
    const middle = (low + high) >> 1
    if (ranks.sums[middle]! < wanted) low = middle + 1
    else high = middle
  }
  return low
}

const han = Array.from(
  "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多定行学法所民得经十三之进着等部度家电力里如水化高自二理起小物现实加量都两体制机当使点从业本去把性好应开它合还因由其些然前外天政四日那社义事平形相全表间样与关各重新线内数正心反你明看原又么利比或但质气第向道命此变条只没结解问意建月公无系军很情者最立代想已通并提直题党程展五果料象员革位入常文总次品式活设及管特件长求老头基资边流路级少图山统接知较将组见计别她手角期根论运农指几九区强放决西被干做必战先回则任取据处队南给色光门即保治北造百规热领七海口东导器压志世金增争济阶油思术极交受联什认六共权收证改清己美再采转更单风切打白教速花带安场身车例真务具万每目至达走积示议声报斗完类八离华名确才科张信马节话米整空元况今集温传土许步群广石记需段研界拉林律叫且究观越织装影算低持音众书布复容儿须际商非验连断深难近矿千周委素技备半办青省列习响约支般史感劳便团往酸历市克何除消构府称太准精值号率族维划选标写存候毛亲快效斯院查江型眼王按格养易置派层片始却专状育厂京识适属圆包火住调满县局照参红细引听该铁价严"
)

/** About twelve words; one text in fifty is Chinese. */
export const textFrom = (random: () => number): string => {
  if (random() < 0.02) {
    return Array.from({ length: 6 + Math.floor(random() * 20) }, () => han[Math.floor(random() ** 2 * han.length)]!)
      .join("")
  }
  const length = 3 + Math.floor(random() * 18)
  let text = ""
  for (let i = 0; i < length; i++) {
    text += (i === 0 ? "" : random() < 0.1 ? ", " : " ") + words[rankAt(random())]!
  }
  return text[0]!.toUpperCase() + text.slice(1) + (random() < 0.7 ? "." : "!")
}
