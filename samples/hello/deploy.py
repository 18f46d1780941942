"""Deploys the pods of web.yml and waits until all of them run."""
import os
import time

from servo import servo

PODS = int(os.environ.get('PODS', '2'))
PATIENCE_SECONDS = 60

with servo(verbose=True) as proxy:
    # settings.yml was uploaded as settings.yml.aes: Servo opened it before this script started.
    up = proxy('deploy web.yml -p %d -o settings.yml' % PODS)['web.yml']['up']
    print('deployed: %s' % ', '.join('marathon.web #%d' % number for number in up))

    deadline = time.time() + PATIENCE_SECONDS
    while True:
        # Only the new pods count: those of an earlier deployment may still be there.
        pods = proxy('grep marathon.web')
        running = [number for number in up if pods.get('marathon.web #%d' % number, {}).get('process') == 'running']
        print('%d of %d pods run' % (len(running), PODS))
        if len(running) == PODS:
            break
        assert time.time() < deadline, 'not all pods run after %d seconds' % PATIENCE_SECONDS
        time.sleep(1)
