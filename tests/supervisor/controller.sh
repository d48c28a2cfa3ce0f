#!/bin/sh
# Becomes the controller of tests/supervisor/controller.rs, which lives in the test program itself.
exec "$CONTROLLER_PROGRAM" --exact controller::a_controller_for_the_other_tests --ignored --nocapture
