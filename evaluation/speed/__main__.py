"""python -m evaluation.speed: see `evaluation.speed.command`."""

from evaluation.speed.command import main

if __name__ == "__main__":
    main()
