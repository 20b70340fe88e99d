"""Fit the classifier."""

import pickle

import mlflow
import pandas as pd
from luigi.util import requires
from sklearn.linear_model import RidgeClassifier

from daicho import RunTask
from tasks.preprocessor import Preprocessor


@requires(Preprocessor)
class Trainer(RunTask):
    def build_input_output_path_dicts(self):
        inputs = {"train": f"{self.path_config['Preprocessor']}train.csv"}
        outputs = {"model": f"{self.path_config['Trainer']}model"}
        return inputs, outputs

    def run(self):
        mlflow.sklearn.autolog(log_models=False)
        train = pd.read_csv(self.input_paths_dict["train"])
        features, survived = train.drop(columns="Survived"), train["Survived"]
        model = RidgeClassifier(alpha=self.config["alpha"], random_state=self.config["seed"])
        model.fit(features, survived)
        mlflow.log_metric("accuracy", model.score(features, survived))
        with open(self.output_paths_dict["model"], "wb") as file:
            pickle.dump(model, file)
