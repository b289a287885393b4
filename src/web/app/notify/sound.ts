/** A short sound of two tones, made here: there is no file to load. */

const quietMillis = 1_000
const tones = [[660, 0], [880, 0.09]] as const

/** At most one a second. A browser that has not been touched yet plays nothing. */
export const makeSound = (now: () => number) => {
  let context: AudioContext | undefined
  let last = -Infinity

  const play = (at: AudioContext) => {
    for (const [frequency, delay] of tones) {
      const begin = at.currentTime + delay
      const gain = at.createGain()
      // A tone that begins or ends at once cracks.
      gain.gain.setValueAtTime(0, begin)
      gain.gain.linearRampToValueAtTime(0.12, begin + 0.015)
      gain.gain.exponentialRampToValueAtTime(0.001, begin + 0.28)
      const tone = at.createOscillator()
      tone.frequency.value = frequency
      tone.connect(gain).connect(at.destination)
      tone.start(begin)
      tone.stop(begin + 0.3)
    }
  }

  return {
    ring: () => {
      const at = now()
      if (at - last < quietMillis) return
      last = at
      try {
        context ??= new AudioContext()
      } catch {
        return
      }
      const { state } = context
      if (state === "running") play(context)
      // It may not be allowed yet; by the time it is, the moment has passed.
      else void context.resume().then(() => now() - at < quietMillis && play(context!), () => {})
    },
    stop: () => void context?.close()
  }
}

export type Sound = ReturnType<typeof makeSound>
