"""Fit neuralforecast's LSTM and print its forecast. Run by the peer's own Python; see against_neuralforecast.py.

    python neuralforecast_lstm.py REQUEST.json

The request has `values` (one series, as the network is to see it), `phases` (a list of numbers for each step, the
horizon's included; perhaps empty), `start` (a date), `window`, `horizon`, `steps`, `batch`, `hidden_dim`, `rate`,
`recurrent` and `seed`. Prints one JSON line: seconds of the fit, without imports and forecast; and the forecast.
"""

import json
import logging
import sys
import time
import warnings
from pathlib import Path

import pandas as pd
from neuralforecast import NeuralForecast
from neuralforecast.losses.pytorch import MSE
from neuralforecast.models import LSTM

warnings.filterwarnings("ignore")
logging.getLogger("lightning_fabric").setLevel(logging.ERROR)
logging.getLogger("pytorch_lightning").setLevel(logging.ERROR)


def main():
    asked = json.loads(Path(sys.argv[1]).read_text())
    known, horizon = len(asked["values"]), asked["horizon"]
    columns = [f"phase{number}" for number in range(len(asked["phases"][0]))]
    dates = pd.date_range(asked["start"], periods=known + horizon, freq="MS")
    table = pd.DataFrame(asked["phases"], columns=columns).assign(unique_id="it", ds=dates)
    model = LSTM(
        h=horizon,
        input_size=asked["window"],
        encoder_n_layers=1,
        encoder_hidden_size=asked["hidden_dim"],
        decoder_layers=1,
        recurrent=asked["recurrent"],
        futr_exog_list=columns or None,
        loss=MSE(),
        max_steps=asked["steps"],
        learning_rate=asked["rate"],
        windows_batch_size=asked["batch"],
        scaler_type=asked["scaler"],
        random_seed=asked["seed"],
        val_check_steps=asked["steps"],
        enable_progress_bar=False,
        enable_model_summary=False,
        enable_checkpointing=False,
        logger=False,
        accelerator="cpu",
    )
    forecaster = NeuralForecast(models=[model], freq="MS")
    begin = time.perf_counter()
    forecaster.fit(table.iloc[:known].assign(y=asked["values"]))
    seconds = time.perf_counter() - begin
    said = forecaster.predict(futr_df=table.iloc[known:] if columns else None)
    print(json.dumps({"seconds": seconds, "forecast": said["LSTM"].tolist()}))


if __name__ == "__main__":
    main()
