/** Asks once more before a service goes. */
import { useState } from 'preact/hooks';
import { Confirm } from '../components/dialog.tsx';
import { Checkbox } from '../components/field.tsx';
import { tell } from '../components/toast.tsx';
import { go, href } from '../router.ts';
import { uninstall } from './service.ts';

export function UninstallDialog({ mount, onClose }: { readonly mount: string; readonly onClose: () => void }) {
  const [teardown, setTeardown] = useState(true);
  const [force, setForce] = useState(false);
  return (
    <Confirm
      title={`Uninstall ${mount}?`}
      action="Uninstall"
      isDangerous
      onClose={onClose}
      onConfirm={async () => {
        await uninstall(mount, { teardown, force });
        tell(`Uninstalled ${mount}`);
        go(href(['services']));
      }}
    >
      <p>Its files, configuration and former versions are removed from every server. This cannot be undone.</p>
      <Checkbox
        label="Run teardown"
        hint="The script that removes what the service has made, such as its collections with all documents."
        isChecked={teardown}
        onChange={setTeardown}
      />
      <Checkbox
        label="Go on despite errors"
        hint="If teardown fails or the service is broken, it is removed all the same."
        isChecked={force}
        onChange={setForce}
      />
    </Confirm>
  );
}
