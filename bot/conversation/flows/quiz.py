"""Five questions a day on the law: each answer is explained by its fact; the week adds up, a streak only for who wants it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from bot.conversation.library import as_sentences
from bot.conversation.state import Conversation, Count, Heard, Quiz, Step, World, rest
from bot.conversation.words import button, exit_button, message, say
from bot.messages import Button
from content import quiz
from content.quiz import Question


def begin(talk: Conversation, heard: Heard, world: World) -> Step:
    """Ask the next question of today, or tell the score when all are answered."""
    today = world.now.date()
    talk = rest(replace(talk, quiz=_today(talk.quiz, today)))
    questions = quiz.of_day(today)
    if not questions:
        return Step((message(say("quiz.none", talk.you)),), talk)
    if talk.quiz.asked >= len(questions):
        return _ended(talk, [say("quiz.done_today", talk.you)], len(questions))
    head = "" if talk.quiz.asked else say("quiz.head", talk.you, number=str(len(questions)))
    return _ask(talk, [head], questions, today)


def answered(talk: Conversation, value: str, heard: Heard, world: World) -> Step:
    """Say whether the choice (``day:question:choice``) was right, and why; then ask the next one."""
    today = world.now.date()
    talk = rest(replace(talk, quiz=_today(talk.quiz, today)))
    day, number, choice = _numbers(value)
    questions = quiz.of_day(today)
    if day != today.toordinal() or number != talk.quiz.asked or number >= len(questions) or choice not in range(3):
        return begin(talk, heard, world)  # a button of yesterday, or of a question that has its answer
    question = questions[number]
    right = question.choices(today)[choice] == question.right
    now = replace(talk.quiz, asked=number + 1, right=talk.quiz.right + right, week_right=talk.quiz.week_right + right)
    talk = replace(talk, quiz=now)
    said = [say("quiz.right" if right else "quiz.wrong", talk.you, choice=question.right), *_why(question, today)]
    if now.asked < len(questions):
        return _ask(talk, said, questions, today)
    return _finished(talk, said, len(questions), today)


def keep_streak(talk: Conversation, heard: Heard, world: World) -> Step:
    """Count the days in a row from today on."""
    today = world.now.date()
    talk = rest(replace(talk, quiz=replace(_today(talk.quiz, today), streak=max(1, talk.quiz.streak), last=str(today))))
    return Step((message(say("quiz.streak_kept", talk.you)),), talk)


def _ask(talk: Conversation, said: list[str], questions: list[Question], today: date) -> Step:
    number = talk.quiz.asked
    question = questions[number]
    below = tuple(
        Button(choice, f"quiz:{today.toordinal()}:{number}:{n}") for n, choice in enumerate(question.choices(today))
    )
    text = say("quiz.question", talk.you, number=f"{number + 1}/{len(questions)}", choice=question.text)
    return Step((message(*said, text, buttons=(*below, exit_button())),), talk)


def _finished(talk: Conversation, said: list[str], number: int, today: date) -> Step:
    """Close the day: the week counts it, a streak that is wanted grows, and staff see one count without a name."""
    streak = talk.quiz.streak
    if streak and talk.quiz.last != str(today):
        streak = streak + 1 if talk.quiz.last == str(today - timedelta(days=1)) else 1
    kept = replace(talk.quiz, week_days=talk.quiz.week_days + 1, streak=streak, last=str(today))
    step = _ended(replace(talk, quiz=kept), said, number)
    return replace(step, effects=(Count(f"quiz:{kept.right}", talk.province),))


def _ended(talk: Conversation, said: list[str], number: int) -> Step:
    now = talk.quiz
    score = say("quiz.score", talk.you, number=f"{now.right}/{number}")
    week = say("quiz.week", talk.you, number=str(now.week_right), days=str(now.week_days)) if now.week_days > 1 else ""
    streak = say("quiz.streak", talk.you, days=str(now.streak)) if now.streak else ""
    below = () if now.streak else (button("quiz.streak_button", "quiz:streak"),)
    return Step((message(*said, score, week, streak, buttons=(*below, button("menu.slogan", "slogan"))),), talk)


def _why(question: Question, today: date) -> list[str]:
    fact = quiz.fact_of(question, today)
    return as_sentences([fact]) if fact else []


def _today(before: Quiz, today: date) -> Quiz:
    """Return the quiz as it stands today: a new day begins at the first question, a new week at nothing."""
    week = f"{today:%G-%V}"
    if before.week != week:
        before = replace(before, week=week, week_right=0, week_days=0)
    return before if before.day == str(today) else replace(before, day=str(today), asked=0, right=0)


def _numbers(value: str) -> tuple[int, int, int]:
    parts = [int(p) if p.isascii() and p.isdigit() and len(p) < 8 else -1 for p in value.split(":")]
    return (parts[0], parts[1], parts[2]) if len(parts) == 3 else (-1, -1, -1)
