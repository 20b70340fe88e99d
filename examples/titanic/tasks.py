"""The Titanic pipeline: preprocess, train, predict."""

import classifier
import evaluation
import features
import figures

from daicho import Source, Task, output, source


class Preprocessor(Task):
    """Turn the passenger lists into features; what has to be learned comes from the training list alone."""

    columns: list[str]
    raw_train: Source = source("input/train.csv")
    raw_test: Source = source("input/test.csv")
    train = output("train.csv")
    test = output("test.csv")

    def run(self) -> None:
        train, test = self.raw_train.load(), self.raw_test.load()
        self.train.save(features.build(train, reference=train)[["PassengerId", "Survived", *self.columns]])
        self.test.save(features.build(test, reference=train)[["PassengerId", *self.columns]])


class Trainer(Task):
    """Fit the classifier, and estimate by cross-validation how good it is."""

    data: Preprocessor
    seed: int = 0
    members: int = 20
    strength: float = 0.05
    folds: int = 5
    model = output("model.skops")

    def run(self) -> None:
        import mlflow

        train = self.data.train.load()
        inputs, survived = features.inputs(train), train["Survived"]
        model = classifier.build(inputs, self.members, self.strength, self.seed)
        mlflow.log_metrics(evaluation.cross_validate(model, inputs, survived, self.folds, self.seed))
        self.model.save(model.fit(inputs, survived))


class Prediction(Task):
    """Predict who survives among the passengers kept out of training, and compare that with what happened."""

    data: Preprocessor
    trainer: Trainer
    threshold: float = 0.5
    passengers: Source = source("input/test.csv")
    labels: Source = source("input/test_labels.csv")
    prediction = output("prediction.csv")
    metrics = output("metrics.csv")
    confusion = output("confusion_matrix.png")
    importance = output("feature_importance.png")

    def run(self) -> None:
        import mlflow

        test, model = self.data.test.load(), self.trainer.model.load()
        predicted = classifier.predict(model, test, self.threshold)
        self.prediction.save(predicted[["PassengerId", "Survived"]])

        outcome = evaluation.outcome(predicted, self.passengers.load(), self.labels.load())
        mlflow.log_metrics(evaluation.scores(outcome))
        self.metrics.save(evaluation.score_table(outcome))
        self.confusion.save(figures.confusion_matrix(outcome))
        self.importance.save(figures.importance(evaluation.importance(model, test, outcome["Survived"])))
