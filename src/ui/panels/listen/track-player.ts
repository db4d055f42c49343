import type { Track, TrackId } from "../../../engine/listen/listen.ts";

/** Switching fades over this long: shorter clicks, longer hides what is compared. */
const FADE_SECONDS = 0.008;

/**
 * Plays tracks of one length together and lets one of them through, so that switching is seamless. The audio device is opened at the
 * first `play`, which must come from a click or a key.
 */
export class TrackPlayer {
  readonly durationSeconds: number;
  readonly #tracks: readonly Track[];
  readonly #rateHz: number;
  readonly #onEnd: () => void;
  #context: AudioContext | undefined;
  #buffers: ReadonlyMap<TrackId, AudioBuffer> = new Map();
  #voices = new Map<TrackId, { readonly source: AudioBufferSourceNode; readonly gain: GainNode }>();
  #heard: TrackId | undefined;
  #gain = 1;
  #loop = false;
  /** Position at which the voices started, and when. */
  #from = 0;
  #startedAt = 0;

  constructor(tracks: readonly Track[], rateHz: number, onEnd: () => void) {
    this.#tracks = tracks;
    this.#rateHz = rateHz;
    this.#onEnd = onEnd;
    this.durationSeconds = (tracks[0]?.samples.length ?? 0) / rateHz;
  }

  get playing(): boolean {
    return this.#voices.size > 0;
  }

  get positionSeconds(): number {
    if (!this.#context || !this.playing) return this.#from;
    const at = this.#from + (this.#context.currentTime - this.#startedAt);
    return this.#loop ? at % this.durationSeconds : Math.min(at, this.durationSeconds);
  }

  play(): void {
    if (this.playing || this.durationSeconds === 0) return;
    const context = this.#open();
    void context.resume();
    if (this.#from >= this.durationSeconds) this.#from = 0;
    this.#startedAt = context.currentTime;
    for (const [id, buffer] of this.#buffers) {
      const source = new AudioBufferSourceNode(context, { buffer, loop: this.#loop });
      const gain = new GainNode(context, { gain: id === this.#heard ? this.#gain : 0 });
      source.connect(gain).connect(context.destination);
      source.start(0, this.#from);
      this.#voices.set(id, { source, gain });
    }
    const [first] = this.#voices.values();
    if (first)
      first.source.onended = () => {
        this.#silence();
        this.#from = 0;
        this.#onEnd();
      };
  }

  pause(): void {
    this.#from = this.positionSeconds;
    this.#silence();
  }

  seek(seconds: number): void {
    const playing = this.playing;
    this.#silence();
    this.#from = Math.max(0, Math.min(seconds, this.durationSeconds));
    if (playing) this.play();
  }

  /** Lets one track through, at this gain; the others run on unheard. */
  hear(id: TrackId, gain: number): void {
    this.#heard = id;
    this.#gain = gain;
    const now = this.#context?.currentTime ?? 0;
    for (const [other, voice] of this.#voices)
      voice.gain.gain.setTargetAtTime(other === id ? gain : 0, now, FADE_SECONDS / 3);
  }

  repeat(loop: boolean): void {
    this.#from = this.positionSeconds;
    this.#startedAt = this.#context?.currentTime ?? 0;
    this.#loop = loop;
    for (const { source } of this.#voices.values()) source.loop = loop;
  }

  close(): void {
    this.#silence();
    void this.#context?.close();
    this.#context = undefined;
  }

  #open(): AudioContext {
    if (this.#context) return this.#context;
    const context = new AudioContext();
    const buffers = new Map<TrackId, AudioBuffer>();
    for (const { id, samples } of this.#tracks) {
      const buffer = new AudioBuffer({ length: samples.length, sampleRate: this.#rateHz });
      buffer.copyToChannel(samples, 0);
      buffers.set(id, buffer);
    }
    this.#buffers = buffers;
    this.#context = context;
    return context;
  }

  #silence(): void {
    for (const { source, gain } of this.#voices.values()) {
      source.onended = null;
      source.stop();
      source.disconnect();
      gain.disconnect();
    }
    this.#voices = new Map();
  }
}
