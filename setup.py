"Reads everything from settings.ini, which nbdev reads too, so that nothing is said twice."

from configparser import ConfigParser
from pathlib import Path

from setuptools import find_packages, setup

here = Path(__file__).parent
config = ConfigParser(delimiters=["="])
config.read(here / "settings.ini", encoding="utf-8")
settings = config["DEFAULT"]


def requirements(key: str) -> list[str]:
    return settings[key].split("\n")[1:]


extras = {key.removeprefix("extra_"): requirements(key) for key in settings if key.startswith("extra_")}

setup(
    name=settings["lib_name"],
    version=settings["version"],
    description=settings["description"],
    long_description=(here / "README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    keywords=settings["keywords"].split(),
    author=settings["author"],
    author_email=settings["author_email"],
    license="MIT",
    python_requires=f">={settings['min_python']}",
    packages=find_packages(include=["segrec", "segrec.*"]),
    include_package_data=True,
    install_requires=requirements("requirements"),
    extras_require=extras,
    entry_points={"console_scripts": [settings["console_scripts"]]},
    zip_safe=False,
)
