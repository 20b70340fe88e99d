"""Predict who survives among the passengers whose fate the model has not seen."""

import pickle

import pandas as pd
from luigi.util import requires

from daicho import RunTask
from tasks.preprocessor import Preprocessor
from tasks.trainer import Trainer


@requires(Preprocessor, Trainer)
class Prediction(RunTask):
    def build_input_output_path_dicts(self):
        inputs = {
            "test": f"{self.path_config['Preprocessor']}test.csv",
            "model": f"{self.path_config['Trainer']}model",
        }
        outputs = {"prediction": f"{self.path_config['Prediction']}test_prediction.csv"}
        return inputs, outputs

    def run(self):
        test = pd.read_csv(self.input_paths_dict["test"])
        with open(self.input_paths_dict["model"], "rb") as file:
            model = pickle.load(file)
        survived = model.predict(test.drop(columns="PassengerId"))
        prediction = pd.DataFrame({"PassengerId": test["PassengerId"], "Survived": survived})
        prediction.to_csv(self.output_paths_dict["prediction"], index=False)
