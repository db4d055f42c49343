import { type KeyboardEvent, useEffect, useMemo, useState } from "react";
import { encodeWav } from "../../../core/format/wav/encode-wav.ts";
import type { Listening, Track, TrackId } from "../../../engine/listen/listen.ts";
import { useShell, useText, useView } from "../../app/studio-context.ts";
import { Button, IconButton } from "../../widgets/Button.tsx";
import { CheckField } from "../../widgets/Field.tsx";
import { Icon } from "../../widgets/Icon.tsx";
import css from "./ListenPanel.module.css";
import { gainOf, levelDb } from "./levels.ts";
import { Timeline } from "./Timeline.tsx";
import { TrackPlayer } from "./track-player.ts";

/** The tracks of one clip: one is heard, all run together. */
export function Tracks({ listening }: { readonly listening: Listening }) {
  const { tracks, rateHz, sqnrDb } = listening;
  const { t } = useText();
  const [heard, setHeard] = useState<TrackId>("offline");
  const [before, setBefore] = useState<TrackId>("quantized");
  const [match, setMatch] = useState(true);
  const [loop, setLoop] = useState(false);
  const [playing, setPlaying] = useState(false);
  const letterKeys = useView((v) => v.letterKeys);
  const player = useMemo(() => new TrackPlayer(tracks, rateHz, () => setPlaying(false)), [tracks, rateHz]);
  useEffect(() => () => player.close(), [player]);
  const track = tracks.find((other) => other.id === heard) ?? tracks[0];
  useEffect(() => {
    if (track) player.hear(track.id, gainOf(track, tracks, match));
  }, [player, track, tracks, match]);
  if (!track) return null;
  const hear = (id: TrackId) => {
    if (id === heard) return;
    setBefore(heard);
    setHeard(id);
  };
  const toggle = () => {
    if (player.playing) player.pause();
    else player.play();
    setPlaying(player.playing);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.nativeEvent.isComposing) return;
    const onControl = event.target instanceof HTMLButtonElement || event.target instanceof HTMLSelectElement;
    if (event.key === " " && !onControl) toggle();
    else if (event.key.toLowerCase() === "b" && letterKeys) hear(before);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: keys of the controls within, as in any player
    <div className={css.tracks} onKeyDown={onKeyDown}>
      <div className={css.transport}>
        <Button look="primary" onClick={toggle} data-testid="listen-play">
          <Icon name={playing ? "pause" : "play"} /> {t(playing ? "listen.pause" : "listen.play")}
        </Button>
        <IconButton label={t("listen.back")} onClick={() => hear(before)}>
          <Icon name="undo" />
        </IconButton>
        <CheckField
          label={t("listen.match")}
          hint={t("listen.matchHint")}
          value={match}
          onChange={setMatch}
        />
        <CheckField
          label={t("listen.loop")}
          value={loop}
          onChange={(on) => {
            setLoop(on);
            player.repeat(on);
          }}
        />
      </div>
      <fieldset className={css.list}>
        <legend>{t("listen.tracks")}</legend>
        {tracks.map((other) => (
          <TrackChoice
            key={other.id}
            track={other}
            gain={gainOf(other, tracks, match)}
            checked={other.id === track.id}
            onHear={() => hear(other.id)}
          />
        ))}
      </fieldset>
      <Timeline player={player} playing={playing} samples={track.samples} rateHz={rateHz} />
      <p className={css.below}>
        {Number.isFinite(sqnrDb) ? t("listen.below", { db: sqnrDb.toFixed(1) }) : null}
        <SaveTrack listening={listening} track={track} />
      </p>
    </div>
  );
}

interface TrackChoiceProps {
  readonly track: Track;
  readonly gain: number;
  readonly checked: boolean;
  readonly onHear: () => void;
}

function TrackChoice({ track, gain, checked, onHear }: TrackChoiceProps) {
  const { t } = useText();
  const level = oneDecimal(levelDb(track));
  const played = oneDecimal(levelDb(track) + 20 * Math.log10(gain));
  const text =
    track.rms === 0
      ? t("listen.silent")
      : played === level
        ? t("listen.level", { level })
        : t("listen.played", { level, played });
  return (
    <label className={css.track} title={t(`listen.trackHint.${track.id}`)} data-testid={`track-${track.id}`}>
      <input type="radio" name="track" checked={checked} onChange={onHear} />
      <span>{t(`listen.track.${track.id}`)}</span>
      <span className={css.level}>{text}</span>
    </label>
  );
}

/** With a true minus sign. */
function oneDecimal(db: number): string {
  return db.toFixed(1).replace("-", "−");
}

function SaveTrack({ listening, track }: { readonly listening: Listening; readonly track: Track }) {
  const shell = useShell();
  const { t } = useText();
  const { file, output, rateHz } = listening;
  const save = () => {
    const wav = encodeWav({ rateHz, channels: [track.samples] }, "float32");
    const name = `${file.replace(/\.wav$/i, "")}.${output}.${track.id}.wav`.replaceAll(/[/\\]/g, "_");
    shell.download(name, wav as Uint8Array<ArrayBuffer>, "audio/wav");
  };
  return (
    <Button look="quiet" onClick={save} data-testid="listen-save">
      <Icon name="download" /> {t("listen.save")}
    </Button>
  );
}
