"""Run the configured task inside an MLflow run: `python src/runner.py`, from the project's folder.

`daicho run` does the same without this file; what the one has made, the other finds.
"""

import os

import luigi
import mlflow
import tasks.prediction
import tasks.preprocessor
import tasks.trainer  # noqa: F401  # Luigi finds a task by its name once its module is imported
from dotenv import load_dotenv


def main():
    load_dotenv(".env")
    path, parser = os.environ["LUIGI_CONFIG_PATH"], os.environ["LUIGI_CONFIG_PARSER"]
    luigi.configuration.add_config_path(path)
    run_config = luigi.configuration.get_config(parser).data["RunConfig"]
    if "TRACKING_URI" in os.environ:
        mlflow.set_tracking_uri(os.environ["TRACKING_URI"])

    mlflow.set_experiment(run_config["experiment_name"])
    mlflow.start_run(run_name=run_config["task"])
    mlflow.set_tag("mlflow.note.content", run_config["description"])
    mlflow.log_params({"description": run_config["description"], "task": run_config["task"]})
    mlflow.log_artifact(path)
    luigi.run([run_config["task"], "--local-scheduler"])
    mlflow.end_run()


if __name__ == "__main__":
    main()
