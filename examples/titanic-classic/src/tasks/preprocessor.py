"""Keep the configured columns of the passenger lists, as numbers."""

import pandas as pd

from daicho import RunTask


class Preprocessor(RunTask):
    def build_input_output_path_dicts(self):
        inputs = {
            "train": f"{self.path_config['input']}train.csv",
            "test": f"{self.path_config['input']}test.csv",
        }
        outputs = {
            "train": f"{self.path_config['Preprocessor']}train.csv",
            "test": f"{self.path_config['Preprocessor']}test.csv",
        }
        return inputs, outputs

    def run(self):
        for name in ("train", "test"):
            passengers = pd.read_csv(self.input_paths_dict[name])
            kept = as_numbers(passengers[self.config[f"{name}_columns"]])
            kept.to_csv(self.output_paths_dict[name], index=False)


def as_numbers(passengers):
    """Sex as 0 and 1, and what is unknown as the middle of what is known."""
    if "Sex" in passengers:
        passengers = passengers.assign(Sex=(passengers["Sex"] == "female").astype(int))
    return passengers.fillna(passengers.median(numeric_only=True))
