import { cos, sin } from "../base/elementary.ts";
import { makeComplexFft } from "./complex-fft.ts";

/** Transform of real samples: the `bins` = floor(size/2) + 1 values of X[k] = Σ x[n]·e^(−2πi·kn/size), no scaling. */
export interface RealFft {
  readonly size: number;
  readonly bins: number;
  /** Reads `size` samples, writes `bins` values. */
  transform(samples: Float64Array, re: Float64Array, im: Float64Array): void;
}

/** A real transform of any size. It keeps work space: one caller at a time. */
export function makeRealFft(size: number): RealFft {
  return size % 2 === 0 ? makeEvenFft(size) : makeOddFft(size);
}

function makeOddFft(size: number): RealFft {
  const fft = makeComplexFft(size);
  const workRe = new Float64Array(size);
  const workIm = new Float64Array(size);
  const bins = (size + 1) / 2;
  const transform = (samples: Float64Array, re: Float64Array, im: Float64Array): void => {
    workRe.set(samples);
    workIm.fill(0);
    fft.transform(workRe, workIm);
    re.set(workRe.subarray(0, bins));
    im.set(workIm.subarray(0, bins));
  };
  return { size, bins, transform };
}

/** Even and odd samples as the two parts of one complex transform of half the size. */
function makeEvenFft(size: number): RealFft {
  const half = size / 2;
  const fft = makeComplexFft(half);
  const workRe = new Float64Array(half);
  const workIm = new Float64Array(half);
  const angles = Array.from({ length: half + 1 }, (_, k) => (-2 * Math.PI * k) / size);
  const cosines = Float64Array.from(angles, cos);
  const sines = Float64Array.from(angles, sin);
  const transform = (samples: Float64Array, re: Float64Array, im: Float64Array): void => {
    for (let i = 0; i < half; i++) {
      workRe[i] = samples[2 * i] as number;
      workIm[i] = samples[2 * i + 1] as number;
    }
    fft.transform(workRe, workIm);
    for (let k = 0; k <= half; k++) {
      const a = k % half;
      const b = (half - k) % half;
      const evenRe = ((workRe[a] as number) + (workRe[b] as number)) / 2;
      const evenIm = ((workIm[a] as number) - (workIm[b] as number)) / 2;
      const oddRe = ((workIm[a] as number) + (workIm[b] as number)) / 2;
      const oddIm = ((workRe[b] as number) - (workRe[a] as number)) / 2;
      const c = cosines[k] as number;
      const s = sines[k] as number;
      re[k] = evenRe + c * oddRe - s * oddIm;
      im[k] = evenIm + c * oddIm + s * oddRe;
    }
  };
  return { size, bins: half + 1, transform };
}
