"""Types that daicho loads from a skops file beyond those that skops itself trusts.

skops trusts scikit-learn's estimators, but little of what they are made of: not the nodes of a tree, the
neighbours' index, the kernels, the scorers of a search. Each name here is a class or function of scikit-
learn, numpy or scipy that only holds or computes numbers: making it, or calling it with any arguments, runs
no code out of the file. It is a list of names and not "whatever is in sklearn", because modules there also
hold functions that fetch and write files.

skops leaves out the nodes of trees for another reason: a file made on purpose can crash the process, or make it
read beside its memory, when the model predicts. It runs no code even so, and a forest that could only be pickled
would be worse.
"""

from __future__ import annotations

from collections.abc import Mapping

_NAMES: Mapping[str, str] = {
    # trees and neighbours
    "sklearn.tree._tree": "Tree",
    "sklearn.ensemble._hist_gradient_boosting.predictor": "TreePredictor",
    "sklearn.neighbors._kd_tree": "KDTree KDTree64 KDTree32",
    "sklearn.neighbors._ball_tree": "BallTree BallTree64 BallTree32",
    "sklearn.metrics._dist_metrics": (
        "EuclideanDistance EuclideanDistance64 EuclideanDistance32 ManhattanDistance ManhattanDistance64 "
        "ManhattanDistance32 MinkowskiDistance MinkowskiDistance64 MinkowskiDistance32 ChebyshevDistance "
        "ChebyshevDistance64 ChebyshevDistance32 HaversineDistance HaversineDistance64"
    ),
    # parts of estimators
    "sklearn.calibration": "_CalibratedClassifier _SigmoidCalibration _TemperatureScaling",
    "sklearn.cluster._bisect_k_means": "_BisectingTree",
    "sklearn.cluster._kmeans": "_kmeans_single_lloyd _kmeans_single_elkan",
    "sklearn.compose._column_transformer": "_RemainderColsList",
    "sklearn.gaussian_process._gpc": "_BinaryGaussianProcessClassifierLaplace",
    "sklearn.gaussian_process.kernels": (
        "ConstantKernel DotProduct ExpSineSquared Exponentiation Matern Product "
        "RBF RationalQuadratic Sum WhiteKernel"
    ),
    "sklearn.multiclass": "_ConstantPredictor",
    "sklearn.neural_network._stochastic_optimizers": "AdamOptimizer SGDOptimizer",
    "sklearn._loss.loss": "HalfTweedieLoss HalfTweedieLossIdentity",
    "sklearn.utils._bunch": "Bunch",
    "sklearn.feature_selection._univariate_selection": "chi2 f_classif f_oneway f_regression r_regression",
    "sklearn.feature_selection._mutual_info": "mutual_info_classif mutual_info_regression",
    # searches
    "sklearn.model_selection._search_successive_halving": "HalvingGridSearchCV HalvingRandomSearchCV",
    "sklearn.model_selection._split": (
        "GroupKFold GroupShuffleSplit KFold LeaveOneOut PredefinedSplit RepeatedKFold "
        "RepeatedStratifiedKFold ShuffleSplit StratifiedGroupKFold StratifiedKFold "
        "StratifiedShuffleSplit TimeSeriesSplit"
    ),
    "sklearn.metrics._scorer": "_CurveScorer _PassthroughScorer _Scorer",
    "sklearn.metrics._classification": (
        "accuracy_score balanced_accuracy_score brier_score_loss f1_score fbeta_score jaccard_score log_loss "
        "matthews_corrcoef precision_score recall_score"
    ),
    "sklearn.metrics._ranking": "average_precision_score roc_auc_score top_k_accuracy_score",
    "sklearn.metrics._regression": (
        "explained_variance_score max_error mean_absolute_error mean_absolute_percentage_error "
        "mean_squared_error mean_squared_log_error median_absolute_error r2_score root_mean_squared_error"
    ),
    "sklearn.utils._metadata_requests": "MetadataRequest MethodMetadataRequest",
    # numbers
    "numpy": "dtype max mean median min std sum",
    "scipy.interpolate._bsplines": "BSpline",
    "scipy._lib.array_api_compat.numpy._aliases": "asarray",
    "scipy.sparse._coo": "coo_array coo_matrix",
    "scipy.sparse._csc": "csc_array csc_matrix",
    "scipy.sparse._csr": "csr_array csr_matrix",
}

TRUSTED: tuple[str, ...] = tuple(
    f"{module}.{name}" for module, together in _NAMES.items() for name in together.split()
)
